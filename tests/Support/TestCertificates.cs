using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Twin.Tests.Support;

/// <summary>An authority of its own, with certificates for a server on loopback and for a client, as PEM files in a folder.</summary>
public sealed class TestCertificates
{
    /// <summary>Makes them.</summary>
    public TestCertificates(string folder)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        asked.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = asked.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        AuthorityFile = Path.Combine(folder, "authority.pem");
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
        (ServerFile, ServerKeyFile) = Issue(folder, "server", authority);
        (ClientFile, ClientKeyFile) = Issue(folder, "client", authority);
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile { get; }

    /// <summary>The server's certificate, for 127.0.0.1.</summary>
    public string ServerFile { get; }

    /// <summary>Its key.</summary>
    public string ServerKeyFile { get; }

    /// <summary>The client's certificate.</summary>
    public string ClientFile { get; }

    /// <summary>Its key.</summary>
    public string ClientKeyFile { get; }

    private static (string Certificate, string Key) Issue(string folder, string name, X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        asked.CertificateExtensions.Add(names.Build());
        using var issued = asked.Create(authority, new DateTimeOffset(authority.NotBefore), new DateTimeOffset(authority.NotAfter), RandomNumberGenerator.GetBytes(8));
        var (file, keyFile) = (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        File.WriteAllText(file, issued.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (file, keyFile);
    }
}
