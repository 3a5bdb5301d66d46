using System.Net;
using System.Net.Sockets;

namespace Twin.Hosting.Outbound;

/// <summary>What an address is for, as far as calling it goes.</summary>
public enum AddressRange
{
    /// <summary>A host of the public internet.</summary>
    Public,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>A private network (RFC 1918, RFC 4193).</summary>
    Private,

    /// <summary>
    /// Anything else of the IANA special-purpose registries: link-local (where clouds keep their metadata), shared address
    /// space, multicast, documentation, benchmarks, reserved, and tunnels whose end cannot be seen.
    /// </summary>
    Special,
}

/// <summary>Classifies addresses by the IANA special-purpose address registries (RFC 6890 and its updates).</summary>
public static class AddressRanges
{
    private static readonly (IPNetwork Network, AddressRange Range)[] Version4 = Table(
        ("127.0.0.0/8", AddressRange.Loopback),
        ("10.0.0.0/8", AddressRange.Private),
        ("172.16.0.0/12", AddressRange.Private),
        ("192.168.0.0/16", AddressRange.Private),
        ("0.0.0.0/8", AddressRange.Special),
        ("100.64.0.0/10", AddressRange.Special),
        ("169.254.0.0/16", AddressRange.Special),
        ("192.0.0.0/24", AddressRange.Special),
        ("192.0.2.0/24", AddressRange.Special),
        ("192.88.99.0/24", AddressRange.Special),
        ("198.18.0.0/15", AddressRange.Special),
        ("198.51.100.0/24", AddressRange.Special),
        ("203.0.113.0/24", AddressRange.Special),
        ("224.0.0.0/3", AddressRange.Special));

    // What is not global unicast (2000::/3) is special unless it is named here; within it, these are special.
    private static readonly (IPNetwork Network, AddressRange Range)[] Version6 = Table(
        ("::1/128", AddressRange.Loopback),
        ("fc00::/7", AddressRange.Private),
        ("2001::/23", AddressRange.Special),
        ("2001:db8::/32", AddressRange.Special),
        ("2002::/16", AddressRange.Special),
        ("3fff::/20", AddressRange.Special),
        ("2000::/3", AddressRange.Public));

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>The range of an address. IPv4 within IPv6 (mapped, or behind NAT64) is looked at as IPv4.</summary>
    public static AddressRange Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
        {
            return Find(Version4, address.MapToIPv4(), AddressRange.Public);
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return Find(Version4, address, AddressRange.Public);
        }

        return Translated.Contains(address)
            ? Find(Version4, new IPAddress(address.GetAddressBytes().AsSpan(12)), AddressRange.Public)
            : Find(Version6, address, AddressRange.Special);
    }

    private static AddressRange Find((IPNetwork Network, AddressRange Range)[] table, IPAddress address, AddressRange otherwise)
    {
        foreach ((IPNetwork network, AddressRange range) in table)
        {
            if (network.Contains(address))
            {
                return range;
            }
        }

        return otherwise;
    }

    private static (IPNetwork Network, AddressRange Range)[] Table(params (string Network, AddressRange Range)[] rows) =>
        [.. rows.Select(row => (IPNetwork.Parse(row.Network), row.Range))];
}
