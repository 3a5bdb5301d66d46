namespace Twin.NgsiLd.Contexts;

/// <summary>What a @context may ask of the node that compiles it.</summary>
public static class ContextLimits
{
    /// <summary>The largest document, and the largest inline @context, in bytes.</summary>
    public const int DocumentBytes = 1024 * 1024;

    /// <summary>The most bytes of all documents that one @context draws in.</summary>
    public const int TotalBytes = 4 * 1024 * 1024;

    /// <summary>The most remote documents that one @context draws in.</summary>
    public const int Documents = 32;

    /// <summary>How deep documents may name documents.</summary>
    public const int Depth = 8;

    /// <summary>How deep JSON may be nested within a @context.</summary>
    public const int JsonDepth = 32;

    /// <summary>The most terms of a compiled @context.</summary>
    public const int Terms = 20_000;
}
