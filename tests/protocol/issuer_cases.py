"""The cases that the issuer is held to.

M: seen on the real service, or in its published model, or a client depends on it. S: documented. O: a
choice where the real service leaves one, or is laxer.
"""

from cases import Table

ISSUER = Table(r"[PSAGMXOEL]\d{1,2}(?!\d)", """
P2 S GET with everything in the query, signed by its header
P3 M the path //, signed as /
P4 M an answer in JSON
P5 M a refusal in JSON
P7 M an unknown action
P8 M an unknown version
P9 S no action
P12 M an integer with a sign or leading zeros
P13 M an integer that is none
P14 M an integer out of its range
P16 M a list index with a leading zero
P17 M the list index 0
P20 M the shape of a refusal
P22 M a required parameter is missing
P23 S a body over the limit
P24 O the largest assertion there can be, percent-encoded
P25 M what botocore makes of a refusal
P26 O the AWS CLI with a path in the endpoint's URL
P27 S a fault inside
S1 M a header field twice
S2 M a header field of several lines
S3 M a header field twice, in another order
S4 M blanks in header fields
S5 M a path with dots, normalised
S6 M a path with dots as it is
S7 M a path with dots above dots, normalised
S8 M a path with dots above dots as it is
S9 M two slashes, normalised
S10 M two slashes as they are
S11 M a dot between slashes, normalised
S12 M a dot between slashes as it is
S13 M a dot before a name, normalised
S14 M a dot before a name as it is
S15 M slashes around a name, normalised
S16 M slashes around a name as they are
S17 M a blank in the path, normalised
S18 M a blank in the path as it is
S19 M a path of unreserved characters
S20 M a path in UTF-8
S21 M GET of the shortest kind
S22 M an empty query key
S23 M a query
S24 M a query out of order, encoded
S25 M a query out of order by case
S26 M a query of unreserved characters
S27 M a query in UTF-8
S28 M GET with a session token
S29 M POST with a field in upper case
S30 M POST with more fields
S31 M POST with a value in upper case
S32 M a session token that is added after signing
S33 M a session token that is signed
S34 M POST of the shortest kind
S35 M POST with an empty query value
S36 M POST with a query
S37 M a form
S38 M a form with a character set
S40 M one bit of the signature is wrong
S42 S an inactive key
S46 M an expired session
S47 S almost fifteen minutes old
S48 M more than fifteen minutes old
S49 M more than fifteen minutes ahead
S50 M the scope's date is not that of the request
S51 M the scope's region is none of those allowed
S52 M the scope's service is another
S56 S the host is not signed
S57 S an x-amz header is not signed
S58 S the body was altered
S61 O a presigned request is older than it says
S63 M presigned with one more signed header
S64 S signed in header and query at once
S65 M signed with Date instead of X-Amz-Date
S66 O a signature in upper case
S67 M the port is part of the signed host
S70 M SigV4A
A2 S the account is trusted, the caller has no policy
A3 S the account is trusted, the caller has a policy
A5 S an explicit denial in the caller's policy
A8 S another account's role, both sides allow
A11 S the role's path in another case
A12 S the session's ARN has no path
A13 S a role that does not exist
A14 M a role ARN that is none
A15 M a role ARN with fields missing
A16 M a role ARN that is too short
A17 M session names that are none
A19 M durations out of every range
A20 M a duration over the role's maximum
A21 S the longest duration there is
A22 M a chained session over an hour
A23 M a session of GetSessionToken is chained too
A25 M root assumes no roles
A27 S an external id that the trust asks for
A29 S an external id that nobody asks for
A30 M a session policy that is none
A31 S a session policy over the limit
A32 S too many managed policies
A33 S managed policies of another account
A34 S a session policy that shares nothing with the role
A35 S the packed size is told
A38 M tags that the trust does not permit
A40 M a transitive key without its tag
A41 M tag keys that differ in case only
A42 M a tag that an inherited one forbids
A45 S inherited tags need permission too
A46 S a session tag lies over the role's
A47 S a reserved tag key
A48 S a source identity that the trust does not permit
A49 S a source identity that is permitted
A50 S a chained session with another source identity
A52 S a reserved source identity
A53 S the session's name is the caller's
A54 S a trust of another network
A56 S a role that assumes itself
A57 S a role that was made again under its name
A60 S a boundary silences the caller's role
A61 S there is no sts:DurationSeconds here
A63 S long-term keys have no issue time
G2 M durations of tokens out of range
G3 S root's tokens live an hour
G4 M a session asks for a session token
G6 S what no denial stops
G8 M a federated user without a policy
G9 S a federated user with a policy
G10 S a federated user's policy exceeds its user's
G13 S what a federated user may call
G14 S a resource policy names the federated user
G17 M the account in an access key id
G18 O the account of an older access key id
G21 S an encoded message, decoded
G22 O an encoded message of another account
G23 S a role session's user id
G24 M AssumeRoot at the global endpoint
G25 M AssumeRoot with a policy that is no task policy
G26 S AssumeRoot for too long
G27 M AssumeRoot for no time
G28 M outbound tokens are off
G29 M audiences of an outbound token
G30 M an outbound token outlives its session
G33 S an outbound token comes back
M2 S serial number and code
M3 M the same code again
M5 M codes of other steps
M6 M one of the two is missing
M7 M another user's device
M8 M codes that are none
M9 M too many tries
M10 M one code in two calls at a time
M11 S a session's age of MFA
M12 S a role session has no MFA
M13 S a denial with and without IfExists
M14 M the codes of the RFC
X2 M only the response is signed
X3 M both are signed
X4 M the response's signature is wrong
X5 M an altered name
X6 M another audience
X7 M parts are missing
X9 M the time is over
X10 M the time has not come
X11 M the identity provider's session ends
X12 M the assertion's duration
X14 M role and provider in the other order
X15 M a role that is not in the assertion
X16 M the same assertion again
X18 S actions that the trust does not permit
X19 M encrypted
X20 M encryption is required and missing
X21 M wrapped and forged signatures
X22 M another provider's issuer
X23 M session names that are none
X25 M no base64
X26 M a provider that was made again
X27 M a trust of everyone
O1 M the algorithms
O2 O algorithms that are refused
O3 M a claim is missing
O5 M the authorized party
O8 M expired
O10 M not yet
O11 M times that are none
O12 M subjects of every form
O13 M keys that are not there
O14 M crit
O16 S another issuer by a slash
O17 S a bad signature
O18 M tags
O20 M a source identity
O21 M a session outlives its token
O22 M the roles claim
O23 M provider ids
O24 M another subject
O25 M a role that does not exist
O26 M a trust of everyone
O28 O keys in rotation
O29 M keys that may not be used
O30 M a newline behind the token
O31 M a duration over the role's maximum
E1 S operators on a key that is missing
E3 S ForAnyValue of nothing
E6 S operators are all to hold
E7 S negation means none of the values
E8 S key names in any case
E9 S values in their case
E10 M a wildcard crosses lines
E11 M one character outside the first plane is two
E12 M address blocks with host bits
E13 M IPv4 inside IPv6
E14 S ARNs field by field
E16 S a variable that is missing
E17 S a variable with a default
E18 S a star in a value is a star
E19 S a star that is written as a variable
E21 S documents that are malformed
E22 S blanks in an action
E24 S a role's grant behind a boundary
E26 S a federated user without a policy
E27 S NotPrincipal in a trust
E28 S aws:PrincipalArn of a session
E29 M garbage in a session policy
L1 S the record of AssumeRole
L2 S the records of AssumeRole in another account
L3 S the record of a denial
L4 S the record of SAML
L5 S the record of a web identity
L6 M reading and writing actions
L7 S the record of a chained call
L8 O no secrets in anything written
L9 M the authenticator's proof
L10 M the proof as a login of Vault's kind sends it
L11 O every SDK's providers
L12 M Roles Anywhere
L13 M single sign-on
""", awaited={
    "MFA devices":
        "M2 M3 M5 M6 M7 M8 M9 M10 M11 M12 M14",
    "SAML providers": "X2 X3 X4 X5 X6 X7 X9 X10 X11 X12 X14 X15 X16 X18 X19 X20 X21 X22 X23 X25 X26 X27 L4",
    "web identity providers": "O1 O2 O3 O5 O8 O10 O11 O12 O13 O14 O16 O17 O18 O20 O21 O22 O23 O24 O25 O26 "
                              "O28 O29 O30 O31 L5",
    "outbound tokens": "G29 G30 G33",
    "the clients' own suites": "L11",
    "upstream issuers": "L12 L13",
})
