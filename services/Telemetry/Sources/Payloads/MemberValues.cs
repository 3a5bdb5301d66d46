using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>The members of an object that are values: those that are named, or all of them.</summary>
internal sealed class MemberValues
{
    private readonly List<(JsonPath Path, string Name, string? Unit)> named = [];

    private MemberValues()
    {
    }

    /// <summary>Reads which members are taken, and notes what is wrong with any.</summary>
    public static MemberValues Read(PayloadOptions options, PayloadFaults faults)
    {
        var read = new MemberValues();
        foreach (var (at, one) in options.Attributes.Index())
        {
            var below = faults.Below($"{nameof(options.Attributes)}:{at}");
            if (below.Path(nameof(one.Path), one.Path) is { Name.Length: > 0 } path)
            {
                read.named.Add((path, one.Name ?? path.Name, one.Unit));
            }
            else if (string.IsNullOrEmpty(one.Path) || one.Path == "$")
            {
                below.Add(nameof(one.Path), "set where the value stands, such as data.temperature.");
            }
        }

        return read;
    }

    /// <summary>Takes the values of an object.</summary>
    /// <param name="members">The object.</param>
    /// <param name="isUsed">Whether a member is something else; asked only where all of them are taken.</param>
    /// <param name="unit">The unit of those that have none of their own.</param>
    /// <param name="take">Takes a value with its attribute and unit.</param>
    /// <exception cref="PayloadException">There is none.</exception>
    public void Take(JsonElement members, Func<string, bool> isUsed, string? unit, Action<string, JsonElement, string?> take)
    {
        if (members.ValueKind != JsonValueKind.Object)
        {
            throw new PayloadException("Its values are no JSON object.");
        }

        var taken = 0;
        if (named.Count > 0)
        {
            foreach (var (path, name, own) in named)
            {
                if (path.TryFind(members, out var value) && value.ValueKind != JsonValueKind.Null)
                {
                    take(name, value, own ?? unit);
                    taken++;
                }
            }
        }
        else
        {
            foreach (var member in members.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.Null && !isUsed(member.Name))
                {
                    take(member.Name, member.Value, unit);
                    taken++;
                }
            }
        }

        if (taken == 0)
        {
            throw new PayloadException(named.Count > 0 ? $"It has none of the members {string.Join(", ", named.Select(static one => one.Path.Text))}." : "It holds no values.");
        }
    }
}
