namespace Twin.Hosting.Problems;

/// <summary>The stable <c>type</c> URIs of problems (RFC 9457) that are no published standard's.</summary>
public static class ProblemTypes
{
    /// <summary>What every type begins with.</summary>
    public const string Base = "https://twin.federation/problems/";

    /// <summary>The type of this name, in kebab case.</summary>
    public static string Of(string name) => Base + name;
}
