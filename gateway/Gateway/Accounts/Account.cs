namespace Twin.Gateway.Accounts;

/// <summary>A person who signs in with a name and a password.</summary>
internal sealed record Account(
    string Id, string Name, string PasswordHash, string RoleList, bool Disabled, int Failures, DateTimeOffset LockedUntil, DateTimeOffset Created)
{
    public string[] Roles => RoleList.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The form in which names are stored and compared: people do not remember capitals.</summary>
    public static string NormalName(string name) => name.Trim().Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();
}

/// <summary>A program that asks for tokens: for itself, with a secret or a key of its own, or for people, who sign in.</summary>
internal sealed record Client(
    string Id, string? SecretHash, string? KeySet, string RedirectUriList, string RoleList, bool Disabled, DateTimeOffset Created)
{
    public string[] Roles => RoleList.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public string[] RedirectUris => RedirectUriList.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>It has nothing to prove itself with: PKCE alone ties its codes to it.</summary>
    public bool IsPublic => SecretHash is null && KeySet is null;
}
