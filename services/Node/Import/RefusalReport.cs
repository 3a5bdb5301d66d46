using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>Where refused records go: all of them to the report, the first few to stderr. Safe to call from several lanes.</summary>
internal sealed class RefusalReport : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter? _file;
    private readonly int _shown;
    private long _count;

    /// <param name="file">The report; null for none.</param>
    /// <param name="shown">How many are shown.</param>
    public RefusalReport(string? file, int shown)
    {
        _file = file is null ? null : new StreamWriter(file, append: false);
        _shown = shown;
    }

    /// <summary>How many were neither shown nor written to a report.</summary>
    public long Hidden => _file is null ? Math.Max(0, _count - _shown) : 0;

    public void Add(Refusal refusal)
    {
        lock (_gate)
        {
            if (_count++ < _shown)
            {
                Console.Error.WriteLine($"record {refusal.Row}{(refusal.Id is { } id ? $" {id}" : "")}{(refusal.Member is { } member ? $" ({member})" : "")}: {refusal.Reason}");
            }

            _file?.WriteLine(JsonSerializer.Serialize(refusal, ImportJson.Default.Refusal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
    }
}
