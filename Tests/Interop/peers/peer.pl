# Perl: Digest::SHA, which is a core module.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use MIME::Base64;

sub signature {
    my ($scheme, $secret, $id, $timestamp, $body) = @_;
    return "sha256=" . hmac_sha256_hex($body, $secret) if $scheme eq "taskflow-sha256";
    (my $encoded = $secret) =~ s/^whsec_//;
    return "v1," . encode_base64(hmac_sha256("$id.$timestamp.$body", decode_base64($encoded)), "");
}

# Compares in constant time, wherever the texts differ.
sub is_equal {
    my ($one, $other) = @_;
    return 0 if length($one) != length($other);
    my $difference = 0;
    $difference |= ord(substr($one, $_, 1)) ^ ord(substr($other, $_, 1)) for 0 .. length($one) - 1;
    return $difference == 0;
}

while (my $line = <STDIN>) {
    chomp $line;
    my ($scheme, $secret, $id, $timestamp, $body, $received) = split /\t/, $line, -1;
    my $expected = signature($scheme, decode_base64($secret), $id, $timestamp, decode_base64($body));
    print $ARGV[0] eq "sign" ? "$expected\n" : is_equal($expected, $received) ? "valid\n" : "invalid\n";
}
