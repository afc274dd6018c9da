// Asks STS who it is, with whatever credentials the SDK finds by itself. Prints JSON.
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.InstanceProfileRegionProvider;
import software.amazon.awssdk.services.sts.StsClient;

public class Whoami {
    public static void main(String[] words) {
        Region region = new InstanceProfileRegionProvider().getRegion();
        try (DefaultCredentialsProvider provider = DefaultCredentialsProvider.create();
             StsClient sts = StsClient.builder().region(region).credentialsProvider(provider)
                 .endpointOverride(URI.create(words[0])).build()) {
            AwsCredentials found = provider.resolveCredentials();
            System.out.printf("{\"Arn\": \"%s\", \"Region\": \"%s\", \"AccessKeyId\": \"%s\"}%n",
                sts.getCallerIdentity().arn(), region, found.accessKeyId());
        }
    }
}
