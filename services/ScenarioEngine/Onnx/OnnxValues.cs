namespace Twin.ScenarioEngine.Onnx;

/// <summary>Numbers of one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">Unit of the numbers, as the card has it.</param>
/// <param name="Shape">Lengths of its dimensions.</param>
/// <param name="Values">As many as the product of the lengths, the last dimension fastest.</param>
public sealed record OnnxValues(string Name, string Unit, IReadOnlyList<int> Shape, IReadOnlyList<double> Values);

/// <summary>What a run gave.</summary>
/// <param name="Outputs">By the order of the card.</param>
/// <param name="Outside">What was outside of the ranges of the card; empty when nothing was.</param>
public sealed record OnnxResult(IReadOnlyList<OnnxValues> Outputs, IReadOnlyList<string> Outside);

/// <summary>How much an ONNX model may take.</summary>
public sealed record OnnxBounds
{
    /// <summary>Bytes of the file.</summary>
    public int MostFileBytes { get; init; } = 256 << 20;

    /// <summary>Numbers of all inputs, and of all outputs, of a run.</summary>
    public long MostNumbers { get; init; } = 16_000_000;

    /// <summary>How long a run may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>A model that did not answer, or not what its card says.</summary>
public sealed class OnnxException(string model, string fault) : Exception($"{model}: {fault}")
{
    /// <summary>Id of the card.</summary>
    public string Model { get; } = model;

    /// <summary>What went wrong.</summary>
    public string Fault { get; } = fault;
}
