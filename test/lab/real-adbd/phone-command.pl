#!/usr/bin/perl
# One command of the phone. Linked under each command's name; sends its words to the lab and prints what comes back.
# No modules: loading any of them takes longer than the whole command.
#
# To the lab:   u32 length, words joined by NUL; then, when asked, stdin as u32 length + bytes, ended by a length of 0.
# From the lab: type, u32: "O"/"E" length + bytes for stdout/stderr, "R" so many bytes of stdin (ffffffff: all), "X" exit code.
$SIG{PIPE} = "IGNORE";
my $lab;
socket($lab, 1, 1, 0) && connect($lab, pack("S a108", 1, "/run/phone/commands"))
	or do { print STDERR "cmd: Failure calling service\n"; exit 20 };

sub put {
	my ($to, $bytes) = @_;
	my $at = 0;
	while ($at < length $bytes) {
		my $n = syswrite($to, $bytes, length($bytes) - $at, $at);
		return 0 unless defined $n;
		$at += $n;
	}
	return 1;
}

sub get {
	my ($count) = @_;
	my $bytes = "";
	while (length $bytes < $count) {
		my $n = sysread($lab, $bytes, $count - length $bytes, length $bytes);
		exit 255 unless $n;
	}
	return $bytes;
}

my ($name) = $0 =~ m{([^/]+)$};
my $words = join("\0", $name, @ARGV);
put($lab, pack("N", length $words) . $words);
while (1) {
	my ($type, $number) = unpack("a N", get(5));
	if ($type eq "O") { put(\*STDOUT, get($number)) }
	elsif ($type eq "E") { put(\*STDERR, get($number)) }
	elsif ($type eq "X") { exit $number }
	elsif ($type eq "R") {
		my $left = $number;
		while ($left > 0) {
			my $n = sysread(STDIN, my $chunk, $left < 65536 ? $left : 65536);
			last unless $n;
			$left -= $n unless $number == 0xffffffff;
			put($lab, pack("N", $n) . $chunk) or last;
		}
		put($lab, pack("N", 0));
	}
}
