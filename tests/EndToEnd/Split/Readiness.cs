using System.Text.Json;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>What a process says in <c>/health/ready</c>.</summary>
internal static class Readiness
{
    /// <summary>State and description of its events.</summary>
    public static async Task<string> EventsAsync(Uri process, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = process };
        using var answer = await http.GetAsync("/health/ready", cancellationToken);
        using var report = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
        var events = report.RootElement.GetProperty("checks").GetProperty("events");
        return $"{events.GetProperty("status").GetString()} {(events.TryGetProperty("description", out var description) ? description.GetString() : "")}";
    }
}
