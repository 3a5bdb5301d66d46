using System.Globalization;
using System.Xml.Linq;

namespace Twin.ScenarioEngine.Fmi;

/// <summary>Reads <c>UnitDefinitions</c>.</summary>
internal static class FmuUnitReader
{
    public static Dictionary<string, FmuUnit> Read(XElement root)
    {
        var units = new Dictionary<string, FmuUnit>(StringComparer.Ordinal);
        foreach (var element in root.Element("UnitDefinitions")?.Elements("Unit") ?? [])
        {
            var unit = new FmuUnit(FmuDescriptionReader.Required(element, "name"), Base(element), Displays(element));
            if (!units.TryAdd(unit.Name, unit))
            {
                throw FmuDescriptionReader.Fault($"two units are named '{unit.Name}'");
            }
        }

        return units;
    }

    private static FmuBaseUnit? Base(XElement unit)
    {
        if (unit.Element("BaseUnit") is not { } found)
        {
            return null;
        }

        var factor = Factor(unit, found);
        return new FmuBaseUnit(
            Exponent("kg"), Exponent("m"), Exponent("s"), Exponent("A"), Exponent("K"), Exponent("mol"), Exponent("cd"), Exponent("rad"),
            factor,
            FmuDescriptionReader.Number(found, "offset") ?? 0);

        int Exponent(string name) => (string?)found.Attribute(name) is not { } text ? 0
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
            : throw FmuDescriptionReader.Fault($"unit '{(string?)unit.Attribute("name")}': the exponent of {name} is '{text}', no whole number");
    }

    // A display unit that is inverse (FMI 3) is no factor: it is left out, so that whoever names it is refused.
    private static Dictionary<string, (double Factor, double Offset)> Displays(XElement unit) =>
        unit.Elements("DisplayUnit")
            .Where(display => (string?)display.Attribute("inverse") is not ("true" or "1"))
            .GroupBy(display => FmuDescriptionReader.Required(display, "name"))
            .ToDictionary(group => group.Key, group => (Factor(unit, group.First()), FmuDescriptionReader.Number(group.First(), "offset") ?? 0), StringComparer.Ordinal);

    private static double Factor(XElement unit, XElement element)
    {
        var factor = FmuDescriptionReader.Number(element, "factor") ?? 1;
        return factor != 0 ? factor : throw FmuDescriptionReader.Fault($"unit '{(string?)unit.Attribute("name")}': a factor is 0");
    }
}
