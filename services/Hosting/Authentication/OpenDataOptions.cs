namespace Twin.Hosting.Authentication;

/// <summary>What an anonymous caller may see (<c>Twin:OpenData</c>): entities of these types or in these scopes; nothing by default.</summary>
public sealed class OpenDataOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:OpenData";

    /// <summary>Entity types, as full IRIs or as terms of the default @context.</summary>
    public string[] Types { get; set; } = [];

    /// <summary>Scopes (GS CIM 009, clause 4.18), each with what lies below it: <c>/Open</c> opens <c>/Open/Parks</c> too.</summary>
    public string[] Scopes { get; set; } = [];
}
