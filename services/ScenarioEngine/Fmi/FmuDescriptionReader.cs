using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Twin.ScenarioEngine.Fmi;

/// <summary>Reads <c>modelDescription.xml</c> of FMI 2 and 3, for co-simulation.</summary>
internal static partial class FmuDescriptionReader
{
    public const string FileName = "modelDescription.xml";

    /// <summary>The description.</summary>
    /// <exception cref="ModelInputException">It is not what FMI asks for, or asks for what is not done here.</exception>
    public static FmuDescription Read(Stream xml, FmuBounds bounds)
    {
        var root = Load(xml, bounds);
        var version = Required(root, "fmiVersion") switch
        {
            ['2', '.', ..] => 2,
            ['3', '.', ..] => 3,
            var other => throw Fault($"FMI {other} is not read; 2.0 and 3.0 are"),
        };
        var coSimulation = root.Element("CoSimulation") ?? throw Fault("this FMU is not for co-simulation (no CoSimulation element)");
        if (Flag(coSimulation, "needsExecutionTool"))
        {
            throw Fault("this FMU only works beside the tool that made it (needsExecutionTool)");
        }

        var identifier = Required(coSimulation, "modelIdentifier");
        if (!Identifier().IsMatch(identifier))
        {
            throw Fault("the modelIdentifier is no C identifier");
        }

        return new FmuDescription
        {
            FmiVersion = version,
            ModelName = Required(root, "modelName"),
            ModelVersion = (string?)root.Attribute("version"),
            Description = (string?)root.Attribute("description"),
            GenerationTool = (string?)root.Attribute("generationTool"),
            License = (string?)root.Attribute("license"),
            Token = Required(root, version == 2 ? "guid" : "instantiationToken"),
            ModelIdentifier = identifier,
            VariableStep = Flag(coSimulation, "canHandleVariableCommunicationStepSize"),
            FixedStep = Flag(coSimulation, "canHandleVariableCommunicationStepSize") ? null : Number(coSimulation, "fixedInternalStepSize"),
            HasEventMode = version == 3 && Flag(coSimulation, "hasEventMode"),
            SuggestedStep = root.Element("DefaultExperiment") is { } experiment ? Number(experiment, "stepSize") : null,
            Units = FmuUnitReader.Read(root),
            Variables = Variables(root, version, bounds),
        };
    }

    public static ModelInputException Fault(string fault) => new(FileName, fault);

    public static string Required(XElement element, string attribute) => (string?)element.Attribute(attribute) is { Length: > 0 } value
        ? value
        : throw Fault($"{element.Name.LocalName} has no {attribute}");

    public static double? Number(XElement element, string attribute) => (string?)element.Attribute(attribute) is not { } text
        ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw Fault($"{attribute} of {element.Name.LocalName} is '{text}', which is no finite number");

    private static XElement Load(Stream xml, FmuBounds bounds)
    {
        try
        {
            using var reader = XmlReader.Create(xml, new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = bounds.MostDescriptionCharacters,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
            });
            var root = XElement.Load(reader);
            return root.Name == "fmiModelDescription" ? root : throw Fault($"its root is {root.Name.LocalName}, not fmiModelDescription");
        }
        catch (XmlException fault)
        {
            throw Fault($"no XML that is read here: {fault.Message}");
        }
    }

    private static Dictionary<string, FmuVariable> Variables(XElement root, int version, FmuBounds bounds)
    {
        var units = TypeUnits(root);
        var found = new Dictionary<string, FmuVariable>(StringComparer.Ordinal);
        foreach (var element in root.Element("ModelVariables")?.Elements() ?? throw Fault("it has no ModelVariables"))
        {
            var typed = version == 2 ? element.Elements().FirstOrDefault(child => Type2(child.Name.LocalName) is not null) ?? throw Fault($"variable {(string?)element.Attribute("name")} has no type") : element;
            var type = (version == 2 ? Type2(typed.Name.LocalName) : Type3(typed.Name.LocalName)) ?? throw Fault($"'{element.Name.LocalName}' is no type of variable");
            var variable = new FmuVariable(
                Required(element, "name"),
                uint.TryParse(Required(element, "valueReference"), NumberStyles.None, CultureInfo.InvariantCulture, out var reference) ? reference : throw Fault("a valueReference is no number"),
                type,
                Causality((string?)element.Attribute("causality")),
                (string?)element.Attribute("variability") is { } variability ? variability is not "continuous" : type is not (FmuType.Float64 or FmuType.Float32),
                (string?)typed.Attribute("unit") ?? ((string?)typed.Attribute("declaredType") is { } declared ? units.GetValueOrDefault(declared) : null),
                element.Element("Dimension") is not null,
                type is FmuType.Float64 or FmuType.Float32 ? Number(typed, "min") : null,
                type is FmuType.Float64 or FmuType.Float32 ? Number(typed, "max") : null,
                (string?)element.Attribute("description"));
            Add(found, variable, bounds);
            foreach (var alias in version == 3 ? element.Elements("Alias") : [])
            {
                Add(found, variable with { Name = Required(alias, "name"), Causality = FmuCausality.Local, Description = (string?)alias.Attribute("description") }, bounds);
            }
        }

        return found;
    }

    private static void Add(Dictionary<string, FmuVariable> found, FmuVariable variable, FmuBounds bounds)
    {
        if (!found.TryAdd(variable.Name, variable))
        {
            throw Fault($"two variables are named '{variable.Name}'");
        }

        if (found.Count > bounds.MostVariables)
        {
            throw Fault($"it has more than {bounds.MostVariables} variables");
        }
    }

    private static Dictionary<string, string?> TypeUnits(XElement root)
    {
        var units = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var type in root.Element("TypeDefinitions")?.Elements() ?? [])
        {
            units[Required(type, "name")] = (string?)type.Attribute("unit") ?? (string?)type.Element("Real")?.Attribute("unit");
        }

        return units;
    }

    private static FmuType? Type2(string name) => name switch
    {
        "Real" => FmuType.Float64,
        "Integer" or "Enumeration" => FmuType.Int32,
        "Boolean" => FmuType.Boolean,
        "String" => FmuType.Text,
        _ => null,
    };

    private static FmuType? Type3(string name) => name switch
    {
        "Enumeration" => FmuType.Int64,
        "String" => FmuType.Text,
        "Float64" or "Float32" or "Int8" or "UInt8" or "Int16" or "UInt16" or "Int32" or "UInt32" or "Int64" or "UInt64" or "Boolean" or "Binary" or "Clock" => Enum.Parse<FmuType>(name),
        _ => null,
    };

    private static FmuCausality Causality(string? name) => name switch
    {
        null or "local" or "dependent" => FmuCausality.Local,
        "parameter" => FmuCausality.Parameter,
        "calculatedParameter" => FmuCausality.CalculatedParameter,
        "structuralParameter" => FmuCausality.StructuralParameter,
        "input" => FmuCausality.Input,
        "output" => FmuCausality.Output,
        "independent" => FmuCausality.Independent,
        _ => throw Fault($"'{name}' is no causality"),
    };

    private static bool Flag(XElement element, string attribute) => (string?)element.Attribute(attribute) is "true" or "1";

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,199}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Identifier();
}
