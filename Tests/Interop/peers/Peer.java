// Java: javax.crypto and java.security.
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Peer {
    static byte[] hmac(byte[] key, byte[]... parts) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) mac.update(part);
        return mac.doFinal();
    }

    static String sign(String scheme, String secret, String id, String timestamp, byte[] body) throws Exception {
        if (scheme.equals("taskflow-sha256")) {
            return "sha256=" + HexFormat.of().formatHex(hmac(secret.getBytes(StandardCharsets.UTF_8), body));
        }
        byte[] key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        byte[] prefix = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        return "v1," + Base64.getEncoder().encodeToString(hmac(key, prefix, body));
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = input.readLine()) != null; ) {
            String[] fields = line.split("\t", -1);
            String secret = new String(Base64.getDecoder().decode(fields[1]), StandardCharsets.UTF_8);
            String expected = sign(fields[0], secret, fields[2], fields[3], Base64.getDecoder().decode(fields[4]));
            if (arguments[0].equals("sign")) {
                System.out.println(expected);
            } else {
                boolean isEqual = MessageDigest.isEqual(expected.getBytes(), fields[5].getBytes());
                System.out.println(isEqual ? "valid" : "invalid");
            }
        }
    }
}
