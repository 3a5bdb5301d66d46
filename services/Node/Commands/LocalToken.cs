using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;

namespace Twin.Node.Commands;

/// <summary>The bearer token of a command: given, from the environment, or signed with the keys of a node on this machine.</summary>
internal static class LocalToken
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>The token; null when there is none, and the command is anonymous.</summary>
    /// <exception cref="SettingException">The keys of the data directory may not be read.</exception>
    public static string? Of(string? given, string? data) =>
        given ?? Environment.GetEnvironmentVariable("TWIN_TOKEN") ?? (data is null ? null : Sign(data));

    private static string Sign(string data)
    {
        using var keys = new SigningKeys(
            Environment.GetEnvironmentVariable("Twin__Identity__KeyDirectory") ?? SigningKeys.DirectoryIn(Path.GetFullPath(data)), TimeProvider.System,
            TimeSpan.FromDays(new SignInSettings().KeyRotationDays));
        try
        {
            return NodeTokens.Issue(keys.Active(), "command-line", [TwinRoles.Administrator], Lifetime, TimeProvider.System.GetUtcNow());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new SettingException($"{keys.Directory}: {fault.Message} Give the data directory of a node whose files you may read, or a token.");
        }
    }
}
