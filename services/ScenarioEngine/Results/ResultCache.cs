using System.Diagnostics.CodeAnalysis;

namespace Twin.ScenarioEngine.Results;

/// <summary>
/// What was computed, by the hash of its inputs: a change on one building finds all others here, in whichever scenario
/// they were computed. Bounded in bytes; what was longest not asked for goes first.
/// </summary>
internal sealed class ResultCache(long mostBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<InputHash, LinkedListNode<Entry>> _kept = [];
    private readonly LinkedList<Entry> _byUse = [];
    private long _bytes;

    /// <summary>Finds a result.</summary>
    public bool TryGet<T>(InputHash inputs, [MaybeNullWhen(false)] out T result)
        where T : class
    {
        lock (_lock)
        {
            if (_kept.TryGetValue(inputs, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                result = (T)node.Value.Result;
                return true;
            }
        }

        result = null;
        return false;
    }

    /// <summary>Keeps a result.</summary>
    /// <param name="inputs">The hash of model and inputs.</param>
    /// <param name="result">Never changes.</param>
    /// <param name="bytes">What it holds, about.</param>
    public void Keep(InputHash inputs, object result, long bytes)
    {
        lock (_lock)
        {
            if (_kept.ContainsKey(inputs))
            {
                return;
            }

            _kept.Add(inputs, _byUse.AddFirst(new Entry(inputs, result, bytes)));
            _bytes += bytes;
            while (_bytes > mostBytes && _byUse.Last is { } oldest)
            {
                _byUse.RemoveLast();
                _kept.Remove(oldest.Value.Inputs);
                _bytes -= oldest.Value.Bytes;
            }
        }
    }

    private readonly record struct Entry(InputHash Inputs, object Result, long Bytes);
}
