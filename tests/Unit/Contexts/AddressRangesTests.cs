using System.Net;
using Twin.Hosting.Outbound;
using Xunit;

namespace Twin.Tests.Unit.Contexts;

/// <summary>Which addresses a node calls: the IANA special-purpose registries, in every way an address can be written.</summary>
public sealed class AddressRangesTests
{
    [Theory]
    [InlineData("8.8.8.8", AddressRange.Public)]
    [InlineData("172.15.255.255", AddressRange.Public)]
    [InlineData("172.32.0.1", AddressRange.Public)]
    [InlineData("223.255.255.255", AddressRange.Public)]
    [InlineData("2606:4700::1111", AddressRange.Public)]
    [InlineData("2a00:1450::1", AddressRange.Public)]
    [InlineData("64:ff9b::808:808", AddressRange.Public)]
    [InlineData("127.0.0.1", AddressRange.Loopback)]
    [InlineData("127.255.255.254", AddressRange.Loopback)]
    [InlineData("::1", AddressRange.Loopback)]
    [InlineData("::ffff:127.0.0.1", AddressRange.Loopback)]
    [InlineData("64:ff9b::7f00:1", AddressRange.Loopback)]
    [InlineData("10.0.0.1", AddressRange.Private)]
    [InlineData("172.16.0.1", AddressRange.Private)]
    [InlineData("172.31.255.255", AddressRange.Private)]
    [InlineData("192.168.1.1", AddressRange.Private)]
    [InlineData("::ffff:192.168.1.1", AddressRange.Private)]
    [InlineData("fd00::1", AddressRange.Private)]
    [InlineData("fc00::1", AddressRange.Private)]
    [InlineData("0.0.0.0", AddressRange.Special)]
    [InlineData("0.1.2.3", AddressRange.Special)]
    [InlineData("100.64.0.1", AddressRange.Special)]
    [InlineData("169.254.169.254", AddressRange.Special)]
    [InlineData("::ffff:169.254.169.254", AddressRange.Special)]
    [InlineData("64:ff9b::a9fe:a9fe", AddressRange.Special)]
    [InlineData("192.0.0.1", AddressRange.Special)]
    [InlineData("192.0.2.1", AddressRange.Special)]
    [InlineData("192.88.99.1", AddressRange.Special)]
    [InlineData("198.18.0.1", AddressRange.Special)]
    [InlineData("198.51.100.1", AddressRange.Special)]
    [InlineData("203.0.113.1", AddressRange.Special)]
    [InlineData("224.0.0.1", AddressRange.Special)]
    [InlineData("239.255.255.255", AddressRange.Special)]
    [InlineData("240.0.0.1", AddressRange.Special)]
    [InlineData("255.255.255.255", AddressRange.Special)]
    [InlineData("::", AddressRange.Special)]
    [InlineData("::7f00:1", AddressRange.Special)]
    [InlineData("fe80::1", AddressRange.Special)]
    [InlineData("fec0::1", AddressRange.Special)]
    [InlineData("ff02::1", AddressRange.Special)]
    [InlineData("100::1", AddressRange.Special)]
    [InlineData("2001::1", AddressRange.Special)]
    [InlineData("2001:db8::1", AddressRange.Special)]
    [InlineData("2002:7f00:1::", AddressRange.Special)]
    [InlineData("3fff::1", AddressRange.Special)]
    [InlineData("5f00::1", AddressRange.Special)]
    [InlineData("64:ff9b:1::1", AddressRange.Special)]
    public void An_address_has_its_range(string address, AddressRange range) => Assert.Equal(range, AddressRanges.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[0:0:0:0:0:0:0:1]/")]
    [InlineData("https://user:password@127.0.0.1:8080/x")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://0/")]
    [InlineData("http://8.8.8.8/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://8.8.8.8/")]
    public void A_url_that_hides_an_address_is_refused_all_the_same(string url)
    {
        var guard = new OutboundGuard(new OutboundOptions(), Nobody);

        Assert.Throws<OutboundRefusedException>(() => guard.Check(new Uri(url)));
    }

    [Fact]
    public void What_settings_allow_is_allowed_and_nothing_beside_it()
    {
        var loopback = new OutboundGuard(new OutboundOptions { AllowLoopback = true }, Nobody);
        var network = new OutboundGuard(new OutboundOptions { AllowedNetworks = { "10.20.0.0/16" } }, Nobody);
        var networks = new OutboundGuard(new OutboundOptions { AllowPrivateNetworks = true, AllowHttp = true }, Nobody);

        loopback.Check(new Uri("http://127.0.0.1/"));
        Assert.Throws<OutboundRefusedException>(() => loopback.Check(new Uri("http://8.8.8.8/")));
        Assert.False(loopback.Allows(IPAddress.Parse("192.168.1.1")));
        network.Check(new Uri("https://10.20.3.4/"));
        Assert.True(network.Allows(IPAddress.Parse("::ffff:10.20.3.4")));
        Assert.False(network.Allows(IPAddress.Parse("10.21.3.4")));
        networks.Check(new Uri("http://192.168.1.1/"));
        Assert.False(networks.Allows(IPAddress.Parse("169.254.169.254")));
        Assert.False(networks.Allows(IPAddress.Loopback));
    }

    private static Task<IPAddress[]> Nobody(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>([]);
}
