using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>The templates and paths of a source's settings, read once.</summary>
internal sealed class MessageTemplates
{
    private readonly Template? dataset;
    private readonly Template? unit;
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    private MessageTemplates(Template? entity, Template? attribute, Template? dataset, Template? unit, JsonPath? time) =>
        (Entity, Attribute, this.dataset, this.unit, Time) = (entity, attribute, dataset, unit, time);

    /// <summary>The entity's id.</summary>
    public Template? Entity { get; }

    /// <summary>The attribute's name.</summary>
    public Template? Attribute { get; }

    /// <summary>The path of the time.</summary>
    public JsonPath? Time { get; }

    /// <summary>Reads them, and notes what is wrong with any.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="entity">The template of entities that is taken where none is set.</param>
    /// <param name="attribute">The same for attributes; null where they have other names.</param>
    /// <param name="names">What the source knows.</param>
    /// <param name="faults">Takes what is wrong, by the setting.</param>
    public static MessageTemplates Read(PayloadOptions options, string? entity, string? attribute, IReadOnlyCollection<string> names, PayloadFaults faults)
    {
        var read = new MessageTemplates(
            One(nameof(options.Entity), options.Entity ?? entity),
            One(nameof(options.Attribute), options.Attribute ?? attribute),
            One(nameof(options.Dataset), options.Dataset),
            One(nameof(options.Unit), options.Unit),
            faults.Path(nameof(options.Time), options.Time));
        foreach (var path in new[] { read.Entity, read.Attribute, read.dataset, read.unit }.SelectMany(static one => one?.Members ?? []).Append(read.Time))
        {
            if (path is { Name: var name } && path.IsMember(name))
            {
                read.used.Add(name);
            }
        }

        return read;

        Template? One(string setting, string? text)
        {
            if (text is null)
            {
                return null;
            }

            if (Template.Parse(text, names, out var template) is { } fault)
            {
                faults.Add(setting, fault);
            }

            return template;
        }
    }

    /// <summary>Whether a member of the payload is no value, since something else is made of it.</summary>
    public bool Uses(string member) => used.Contains(member);

    /// <summary>The entity's id.</summary>
    public string EntityOf(IReadOnlyDictionary<string, string> names, JsonElement root) => Entity!.Render(names, root, asUri: true);

    /// <summary>The datasetId, if any.</summary>
    public string? DatasetOf(IReadOnlyDictionary<string, string> names, JsonElement root) => dataset?.Render(names, root, asUri: true);

    /// <summary>The unit code, if any.</summary>
    public string? UnitOf(IReadOnlyDictionary<string, string> names, JsonElement root) => unit?.Render(names, root);

    /// <summary>The time that the payload says, or else when it came.</summary>
    /// <exception cref="PayloadException">It should say one, and does not.</exception>
    public byte[] TimeOf(JsonElement root, MessagePoints points)
    {
        if (Time is null)
        {
            return points.ArrivalTime;
        }

        return Time.TryFind(root, out var found) ? PayloadTime.Read(found, Time.Text) : throw new PayloadException($"It has no member {Time.Text}, where its time should be.");
    }
}

/// <summary>What is wrong with the settings of a source.</summary>
/// <param name="key">Where they stand, e.g. <c>Twin:Telemetry:Mqtt:0</c>.</param>
/// <param name="faults">Takes the messages.</param>
internal sealed class PayloadFaults(string key, List<string> faults)
{
    /// <summary>Notes a fault.</summary>
    public void Add(string setting, string fault) => faults.Add(Hosting.Composition.SettingException.Text($"{key}:{setting}", fault));

    /// <summary>The same for settings below.</summary>
    public PayloadFaults Below(string section) => new($"{key}:{section}", faults);

    /// <summary>Reads a path, when one is set.</summary>
    public JsonPath? Path(string setting, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var path = JsonPath.Parse(text);
        if (path is null)
        {
            Add(setting, $"'{text}' is no path such as data.readings.0.value.");
        }

        return path;
    }
}
