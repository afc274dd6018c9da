#pragma once

/// An RSA-1024 key for tests, and its PKCS#1 v1.5 SHA-256 signature of "The signature is over these
/// bytes." as the openssl program makes it.
inline constexpr const char* known_rsa_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBALsMo9/xqfjId2HP\n"
    "g5/7ewsf8pf5wCAigAZ9IxU/jQiTb6AtdR+My/LFLDGStdF4tbo2R9J247XgtrG5\n"
    "l/h++9pLdBnuiOXqEvQVuU/1310kJ/NzTpywh5i/PDkmeTMojFeyMSG7O71BuBiH\n"
    "evF+Wopf/Ed9mXONzeE9QYX1FykfAgMBAAECgYA11Mxwzc75/0+EQcGC0FA4AmjB\n"
    "3imx1dv8ghUPr2t6VVwhwBNeEho78wzl83AKKfA6+BYxdu/Pzy0k9uHKrVjzmwqG\n"
    "fD3Rq5ZPbWUdEUFqtMTB01n2Lch9QLlLprHd/R3m8pZZJQbCsmZC/dm4E5YKMvE/\n"
    "wx2vwYUbuKIMaAgXyQJBAOMv5gn/pFFWRLKsODuLjfNocAy6k5cWRPQUttEl+Yv8\n"
    "OiUG8+rqxNFxPURgfSGG7GTS0XBExrKIakf9gFzrnHUCQQDSxZY385oL1hD+hbWh\n"
    "gmfpPUXAMKIm23ew83cYUjKioa2RU+D41Tq2mVWNm/7+Lj8wCUUhTdmJNgB0tJ9t\n"
    "84zDAkBGr7WMcN0IbaYMTadlZ4NwM5OBcl/Ph59Grlc/dehSFNVmheZItmksnWYp\n"
    "qzfjwZ41tJ5zpwKHtAgVhBt3TdutAkB+DQDLsXodPgan0RtQ3gZ67NP8Hpm7F2G7\n"
    "h79f4ji6HmsJENrotc0JSyZpLDQRm2LavZCEXGSOtKcNJMB8Jz21AkBY+t9QWV1t\n"
    "buvRFzhwbjFdBj2o/phGYb+n4GC/aakU972xQHBIf2oJRZh6dW0EWY/sTJZbvOWs\n"
    "UAFtjsId9Mp3\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr const char* known_signature =
    "4b4131d5bd6d4b19b70279bc662a6b2884e0116e1dff70e5c0d336865449b647"
    "081d8b14b75a687257d99eba07591d7eb96049eb373d9474bc514037e430917d"
    "c061f068d28c42c0c3c0b65bb3295505b4f737779cfd26667a4926f3f5713653"
    "b7b17ef2cc2d8aa6b90438d995d786ea32b3a69fb423bac6b37b9009a92277d3";
