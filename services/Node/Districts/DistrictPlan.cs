using System.Security.Cryptography;
using System.Text;

namespace Twin.Node.Districts;

/// <summary>A text in the three languages of the Upper Rhine's twin cities.</summary>
public readonly record struct Wording(string Fr, string De, string En);

/// <summary>What a strip of a district is used for.</summary>
public enum StripUse
{
    /// <summary>Park with the stream.</summary>
    Park,

    /// <summary>Industrial halls that are kept.</summary>
    Halls,

    /// <summary>New apartment houses.</summary>
    Apartments,

    /// <summary>Terraced houses with gardens.</summary>
    Houses,

    /// <summary>Shared buildings: school, mobility hub, workshop.</summary>
    Commons,
}

/// <summary>A strip across the district from south to north; streets lie between strips.</summary>
/// <param name="Use">Its use.</param>
/// <param name="Depth">Metres.</param>
public readonly record struct Strip(StripUse Use, double Depth);

/// <summary>An industrial hall that is kept.</summary>
/// <param name="Number">The number by which it is known.</param>
/// <param name="FloorArea">Square metres over all floors.</param>
/// <param name="Floors">Floors above ground.</param>
/// <param name="Category">Smart Data Models building category.</param>
/// <param name="Occupier">Key of the organisation that uses it.</param>
/// <param name="Name">Its name.</param>
public sealed record Hall(int Number, double FloorArea, int Floors, string Category, string Occupier, Wording Name);

/// <summary>A shared building.</summary>
public sealed record Commons(string Key, string Category, Wording Name);

/// <summary>An organisation of the district.</summary>
/// <param name="Key">Short name within ids.</param>
/// <param name="Kind">publicBody, company, association, cooperative, research or operator.</param>
/// <param name="Name">Its name.</param>
public sealed record Body(string Key, string Kind, Wording Name);

/// <summary>
/// What a district is generated from: published facts about a real place (where it is, its area, its halls) and the
/// shape of what is planned there. Everything generated is synthetic and says so; see <see cref="DistrictPlans"/>.
/// </summary>
public sealed record DistrictPlan
{
    /// <summary>Short name, part of every id, such as <c>mulhouse-dmc</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The city's name, such as <c>Mulhouse</c>.</summary>
    public required string City { get; init; }

    /// <summary>Scope of the district (4.18), such as <c>/Mulhouse/DMC</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The district's name.</summary>
    public required Wording Name { get; init; }

    /// <summary>ISO 3166-1 code of the country.</summary>
    public required string Country { get; init; }

    /// <summary>Region, as addresses name it.</summary>
    public required string Region { get; init; }

    /// <summary>Postal code.</summary>
    public required string PostalCode { get; init; }

    /// <summary>Longitude of the district's middle, degrees.</summary>
    public required double Longitude { get; init; }

    /// <summary>Latitude of the district's middle, degrees.</summary>
    public required double Latitude { get; init; }

    /// <summary>Turn of its streets against east, degrees counter-clockwise.</summary>
    public required double RotationDegrees { get; init; }

    /// <summary>Metres along the streets.</summary>
    public required double Width { get; init; }

    /// <summary>Strips from south to north; with the streets between and the margin around they make the depth.</summary>
    public required IReadOnlyList<Strip> Strips { get; init; }

    /// <summary>Street names, one for each gap between strips.</summary>
    public required IReadOnlyList<string> Streets { get; init; }

    /// <summary>The halls that are kept, from west to east, first strip first.</summary>
    public required IReadOnlyList<Hall> Halls { get; init; }

    /// <summary>The shared buildings, from west to east.</summary>
    public required IReadOnlyList<Commons> Commons { get; init; }

    /// <summary>The organisations; the first is the town hall.</summary>
    public required IReadOnlyList<Body> Bodies { get; init; }

    /// <summary>Keys of the organisations that own the housing, run the energy community, lend things and run the shuttle.</summary>
    public required (string Housing, string Energy, string Lending, string Mobility) Roles { get; init; }

    /// <summary>The stream's name.</summary>
    public required string Stream { get; init; }

    /// <summary>The shuttle line's name.</summary>
    public required Wording ShuttleLine { get; init; }

    /// <summary>How many districts of this shape are laid side by side; the first is the real place. At least 1.</summary>
    public int Scale { get; init; } = 1;

    /// <summary>When everything was observed.</summary>
    public DateTimeOffset ObservedAt { get; init; } = new(2026, 6, 18, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Metres above sea level.</summary>
    public required double Elevation { get; init; }

    /// <summary>The invented weather year of a seed, an EPW file with its SHA-256.</summary>
    /// <param name="seed">The district's.</param>
    public (string Epw, string Hash) Weather(ulong seed)
    {
        var epw = SyntheticWeather.Of(this, seed, Elevation, 0);
        return (epw, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(epw))));
    }

    /// <summary>Metres across the streets.</summary>
    public double Depth => (2 * Margin) + Strips.Sum(static s => s.Depth) + ((Strips.Count - 1) * StreetWidth);

    /// <summary>Square metres within the boundary of one district.</summary>
    public double Area => Width * Depth;

    internal const double Margin = 4;
    internal const double StreetWidth = 9;
}
