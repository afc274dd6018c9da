//! Asks STS who it is, with whatever credentials the SDK finds by itself. Prints JSON.

use aws_config::imds;
use aws_config::provider_config::ProviderConfig;
use aws_config::BehaviorVersion;
use aws_sdk_sts::config::ProvideCredentials;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let endpoint = std::env::args().nth(1).expect("the address of STS");
    // Without the TLS of the default client, which takes longest to build and is not needed here.
    let http = aws_smithy_http_client::Builder::new().build_http();
    let providers = ProviderConfig::default().with_http_client(http.clone());
    let region = imds::region::ImdsRegionProvider::builder()
        .configure(&providers)
        .build()
        .region()
        .await
        .expect("a region");
    let settings = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(region.clone())
        .load()
        .await;
    let found = settings
        .credentials_provider()
        .expect("a provider")
        .provide_credentials()
        .await
        .expect("credentials");
    let config = aws_sdk_sts::config::Builder::from(&settings).endpoint_url(endpoint).build();
    let answer = aws_sdk_sts::Client::from_conf(config)
        .get_caller_identity()
        .send()
        .await
        .expect("an identity");
    println!(
        "{{\"Arn\": {:?}, \"Region\": {:?}, \"AccessKeyId\": {:?}, \"Expires\": {}}}",
        answer.arn().unwrap_or_default(),
        region.as_ref(),
        found.access_key_id(),
        found.expiry().is_some(),
    );
}
