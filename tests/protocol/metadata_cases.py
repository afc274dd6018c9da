"""The cases that the metadata protocols are held to.

M: a client depends on it, or it was seen on EC2. S: follows from what was seen. O: a choice, or an
option. E cases are whole clients and bear no mark.
"""

from cases import Table

METADATA = Table(r"[TUPVIDFECK]\d\d(?!\d)", """
T02 M a token that lives one second
T03 M the field for the life in lower case
T05 M no blank after the colon
T06 M no life asked for
T09 M a negative life
T10 M a life that is a word
T11 M an empty life
T12 O lives that are no plain decimal number
T13 O two different lives
T14 M a forwarded PUT
T15 M a forwarded PUT, the field in lower case
T16 S other fields that proxies add
T17 M the token path below a dated version
T19 M the token path with a slash at its end
T20 M GET of the token path
T21 M POST to the token path
T22 M DELETE of the token path
T24 M the directory above the token path
T25 S PUT to a metadata path
T26 M a PUT that says nothing about its length
T27 M a PUT of length 0
T28 O a PUT with a body, and what follows it
T29 O a PUT that expects 100-continue
T30 M two PUTs give two tokens
T31 S ten thousand tokens cost no memory
T34 M the hop limit of the token answer, on the wire
T36 S the answer after the token has the ordinary hop limit
T39 O a disabled endpoint is told before a missing life
U01 M a request without a token
U04 M nothing there, with a token
U05 M nothing there, without a token
U06 M a token is required and absent
U07 S a token is required and absent, and nothing is there
U08 S the same on the other branches of the tree
U09 M a token is required and given
U10 M an expired token where one is required
U11 S an expired token where none is required
U12 S a word for a token
U14 M a token of another instance
U15 S blanks around the token
U16 O an empty token field
U18 S a forwarded GET with a token
U19 M one token on several connections at a time
U20 S a token got over one address family, used over the other
U21 S a token over a change to "required"
U22 M a disabled endpoint refuses a good token
U23 S a token over a disabled and enabled endpoint
U24 M a token of one second, before and after
U25 O what a 401 carries
U26 S the life's field on a GET is ignored
P03 M the listing of a version with user data
P04 M the listing of meta-data
P05 M a directory without its slash
P06 M a leaf with a slash
P07 M a leaf two levels down with a slash
P08 M two slashes at the start
P12 M everything that is listed is there
P13 S every version has what its date allows
P17 O the first version is small
P18 S a date that is no version
P19 M a name that does not exist
P20 S below a leaf
P22 M dots do not lead out of the tree
P24 M a target in absolute form
P25 M absurd targets
P26 M HEAD of a leaf
P27 M HEAD of a directory and of nothing
P28 O POST to a leaf
P30 M a client that asks to close
P31 S pipelined requests
P33 O a foreign host name
P35 M the fields of a text leaf
P36 S the same leaf at two times
P37 O a header without measure
P38 S fifty idle connections
P39 S time to the first byte
V01 M image, type, address and MAC
V02 M the manifest path of an image without one
V03 M the launch index
V05 M the key pair's listing
V07 M the key ends with its newline
V08 M no key pair
V09 M interfaces by MAC
V10 M two interfaces
V11 M the private address behind a public one
V13 M no IPv6 addresses, no paths for them
V14 M two security groups
V15 M the region
V16 M domain and partition
V17 M on demand or spot
V19 M no spot notice
V20 M a spot instance is to be terminated
V21 M a spot instance is to be stopped
V22 S a spot instance is to hibernate
V23 M no scheduled events
V24 M a scheduled reboot
V25 S a scheduled reboot called off
V26 M rebalance recommendation
V27 M outside an auto scaling group
V28 M inside an auto scaling group
V31 M tag values as they are
V32 M tag keys are case-sensitive
V33 M tag keys that no path can have
V34 M a tag changed while running
V35 S tags below an older version
V36 M no user data
V37 M the most user data there can be, byte for byte
V38 M too much user data
V39 M user data with a slash
V41 M the instance's own identity credentials
V42 O keys pushed for a minute
I02 M the credential document, byte for byte
I03 M its times
I04 S its key id and secret
I05 S the same document again
I06 M life left, over a day
I07 S what was handed out stays good
I08 M another role's name
I11 M no role at all
I12 M a role that does not trust the service
I14 O an instance profile without a role
I15 M the role is exchanged
I16 M the extended path is off
I17 O the extended path is on
I18 O the last document during an outage
I19 M a token is required and absent
I20 O a spoilt document, as scripted
I21 O an error once, as scripted
D01 M the identity document, byte for byte
D02 M what is not set is null
D06 M a changed document is found out
D07 M pkcs7
D08 M rsa2048
D10 S no certificate is inside
D11 S the same bytes each time
D12 M a new start, a new document
D13 M the document agrees with meta-data
D15 O no dsa2048
D16 O instance monitoring
F01 O throttling
F02 S Retry-After on the token call
F03 M clients go on without a token after 403, 404 and 405
F05 M clients whose token call is never answered
F07 S a reset token call
F08 S a token answer without its life
F09 S a role listing with a newline
F10 S credentials with ten minutes left
F12 O the extended path refused
E01 - the AWS CLI or boto3 with nothing but the metadata service
E02 - boto3 looks for its region
E03 - an endpoint with a slash too much
E04 - metadata switched off in the client
E06 - the AWS CLI over IPv6
E11 - minio and rclone
E12 - cloud-init
E13 - ec2-metadata
E15 - EC2 Instance Connect
E17 - curl from a bridged container, by hop limit
C01 M the container credential document
C03 M no id
C04 M credentials that have not come yet
C06 M the first version without its query
C08 O more requests than allowed
C10 M what a client sends to a full URI
C11 O a full URI with a wrong token
C12 M the token file is read anew
C13 M a client refuses a foreign host
C14 M the relative URI goes first
C15 M task metadata of a container
C16 M task metadata of a task
C17 M the older form of it
C18 M an unknown container
C19 M an unknown container in the older form
C22 S an unknown path below a container
K01 M pod credentials
K02 M no token
K03 M a Bearer prefix
K04 M an expired token
K06 M a foreign host
K07 M the host goes before the token
K08 M the host with its port
K09 M the host over IPv6
K11 S POST
K12 S no association
K14 S the same token again
K15 M boto3 with a full URI and a token file
K16 O health
""", awaited={
    # What a case says of clients and none that can be had here shows.
    "a client that fails on it: botocore's URL parser drops the newline": "F09",
    "an SDK that asks for the extended path; the served 403 alone is shown": "F12",
})
