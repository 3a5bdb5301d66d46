namespace Twin.Tests.Unit.Queries;

/// <summary>The two geometries of the ETSI suite's case 019_11 (BSD-3); the first crosses itself.</summary>
internal static class SuitePolygons
{
    public const string First = """{"type":"Polygon","coordinates":[[[13.2865906,52.5648645],[13.2879639,52.5648645],[13.2797241,52.4988679],[13.477478,52.4712703],[13.5049438,52.5373084],[13.2865906,52.5648645]]]}""";

    public const string Second = """{"type":"Polygon","coordinates":[[[13.315773,52.4757209],[13.339119,52.4443421],[13.3892441,52.4669371],[13.315773,52.4757209]]]}""";
}
