using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;

namespace Twin.Hosting.OpenApi;

/// <summary>A JSON file with components of the OpenAPI document: schemas, parameters, headers, responses.</summary>
/// <param name="Assembly">Where it is embedded.</param>
/// <param name="Resource">The end of its name there.</param>
internal sealed record ComponentFile(Assembly Assembly, string Resource)
{
    public OpenApiComponents Read()
    {
        var name = Assembly.GetManifestResourceNames().Single(found => found.EndsWith("." + Resource, StringComparison.Ordinal));
        using var stream = Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        var read = OpenApiDocument.Parse(reader.ReadToEnd(), "json");
        return read.Diagnostic?.Errors is { Count: > 0 } errors
            ? throw new InvalidOperationException($"{Resource}: {string.Join("; ", errors)}")
            : read.Document!.Components!;
    }
}

/// <summary>
/// The components that services write by hand, where a .NET type could not say it: operations refer to them by name. Read
/// when the document is first asked for.
/// </summary>
internal sealed class ComponentFiles(IEnumerable<ComponentFile> files)
{
    private readonly Lazy<List<OpenApiComponents>> parts = new(() => [.. files.Select(static file => file.Read())]);

    /// <summary>Whether there is a parameter of this name.</summary>
    public bool HasParameter(string name) => parts.Value.Exists(part => part.Parameters?.ContainsKey(name) is true);

    /// <summary>Puts them into a document; they win over what was generated under the same name.</summary>
    public void AddTo(OpenApiComponents components)
    {
        foreach (var part in parts.Value)
        {
            components.Schemas = Merged(components.Schemas, part.Schemas);
            components.Parameters = Merged(components.Parameters, part.Parameters);
            components.Headers = Merged(components.Headers, part.Headers);
            components.Responses = Merged(components.Responses, part.Responses);
        }
    }

    private static IDictionary<string, T>? Merged<T>(IDictionary<string, T>? into, IDictionary<string, T>? more)
    {
        foreach (var (name, component) in more ?? new Dictionary<string, T>(StringComparer.Ordinal))
        {
            (into ??= new Dictionary<string, T>(StringComparer.Ordinal))[name] = component;
        }

        return into;
    }
}
