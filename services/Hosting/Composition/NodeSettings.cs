using Microsoft.Extensions.Configuration;

namespace Twin.Hosting.Composition;

/// <summary>Where settings come from: <c>twin.json</c> in the data directory, then the environment, then the command line.</summary>
internal static class NodeSettings
{
    public static void Add(ConfigurationManager configuration, IReadOnlyDictionary<string, string?> settings)
    {
        configuration.AddEnvironmentVariables();
        configuration.AddInMemoryCollection(settings);
        var file = Path.GetFullPath(Path.Combine(configuration[NodeOptions.DataDirectoryKey] ?? new NodeOptions().DataDirectory, "twin.json"));
        if (!File.Exists(file))
        {
            return;
        }

        try
        {
            configuration.AddJsonFile(file, optional: false, reloadOnChange: false);
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{file}: {(fault.InnerException ?? fault).Message}");
        }

        // The file was found through the others, and gives way to them.
        var sources = configuration.Sources;
        var last = sources[^1];
        sources.RemoveAt(sources.Count - 1);
        sources.Insert(0, last);
    }

    /// <summary>The options that are needed before there is a host to validate them.</summary>
    public static NodeOptions Read(IConfiguration configuration)
    {
        var options = new NodeOptions();
        try
        {
            configuration.GetSection(NodeOptions.Section).Bind(options);
        }
        catch (InvalidOperationException fault)
        {
            throw StartFault.OfBinding(fault) ?? (Exception)fault;
        }

        var validated = new NodeOptionsValidator().Validate(null, options);
        return validated.Failed ? throw new SettingException(string.Join(Environment.NewLine, validated.Failures)) : options;
    }
}
