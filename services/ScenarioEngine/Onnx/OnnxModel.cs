using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Twin.ScenarioEngine.Onnx;

/// <summary>
/// An ONNX file with its card. One thread, in sequence, so that the same inputs give the same bits on the same processor; the
/// runtime's kernels differ between processors in the last bits. Safe for several callers.
/// </summary>
public sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OnnxBounds _bounds;
    private readonly TimeProvider _time;

    private OnnxModel(OnnxCard card, InferenceSession session, OnnxBounds bounds, TimeProvider time) => (Card, _session, _bounds, _time) = (card, session, bounds, time);

    /// <summary>Its card.</summary>
    public OnnxCard Card { get; }

    /// <summary>Opens a model.</summary>
    /// <param name="file">The bytes of the <c>.onnx</c>.</param>
    /// <param name="card">Its card; there is no model without.</param>
    /// <param name="bounds">How much it may take.</param>
    /// <param name="time">Clock of the deadline.</param>
    /// <exception cref="ModelInputException">The file is not the card's, no model, too large, or names other tensors.</exception>
    public static OnnxModel Open(byte[] file, OnnxCard card, OnnxBounds bounds, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(bounds);
        if (file.Length > bounds.MostFileBytes)
        {
            throw Fault($"it has {file.Length} bytes; {bounds.MostFileBytes} is the most");
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(file));
        if (sha256 != card.Sha256)
        {
            throw Fault($"its SHA-256 is {sha256}, the card is of {card.Sha256}");
        }

        OnnxFile.Check(file);
        var session = Session(file);
        try
        {
            CheckTensors("inputs", card.Inputs, session.InputMetadata);
            CheckTensors("outputs", card.Outputs, session.OutputMetadata);
            return new OnnxModel(card, session, bounds, time);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">Every input of the card, in its unit and shape.</param>
    /// <param name="cancellationToken">Ends the run between two operators.</param>
    /// <returns>Every output, with what was outside of the card's ranges when the card flags that.</returns>
    /// <exception cref="ModelInputException">An input is missing, unknown, of another unit or shape, not finite, or outside of a card that refuses.</exception>
    /// <exception cref="OnnxException">The model failed, took too long, or gave another shape, a number that is not finite, or one that a refusing card forbids.</exception>
    public OnnxResult Run(IReadOnlyList<OnnxValues> inputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var outside = new List<string>();
        var shapes = new OnnxShapes();
        var given = Given(inputs, shapes, outside);
        using var options = new RunOptions();
        using var deadline = new CancellationTokenSource(_bounds.Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var stop = either.Token.Register(() => options.Terminate = true);
        try
        {
            using var results = _session.Run(given, [.. Card.Outputs.Select(output => output.Name)], options);
            cancellationToken.ThrowIfCancellationRequested();
            return new OnnxResult([.. Card.Outputs.Select(output => Taken(output, results.First(value => value.Name == output.Name), shapes, outside))], outside);
        }
        catch (OnnxRuntimeException fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new OnnxException(Card.Id, deadline.IsCancellationRequested ? $"no answer within {_bounds.Deadline.TotalSeconds} s" : fault.Message);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _session.Dispose();

    private static InferenceSession Session(byte[] file)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            return new InferenceSession(file, options);
        }
        catch (OnnxRuntimeException fault)
        {
            throw Fault(fault.Message);
        }
    }

    private static void CheckTensors(string side, IReadOnlyList<OnnxTensor> card, IReadOnlyDictionary<string, NodeMetadata> file)
    {
        if (card.FirstOrDefault(tensor => !file.ContainsKey(tensor.Name)) is { } unknown)
        {
            throw OnnxCard.Fault($"the file has no '{unknown.Name}' among its {side}: {string.Join(", ", file.Keys.Order(StringComparer.Ordinal))}");
        }

        // An output that nobody describes is not given; an input that nobody describes could only be guessed.
        if (side == "inputs" && file.Keys.Order(StringComparer.Ordinal).FirstOrDefault(name => card.All(tensor => tensor.Name != name)) is { } missing)
        {
            throw OnnxCard.Fault($"it says nothing of the input '{missing}'");
        }

        foreach (var tensor in card)
        {
            var found = file[tensor.Name];
            if (!found.IsTensor || !OnnxNumbers.Known(found.ElementType))
            {
                throw Fault($"'{tensor.Name}' holds {found.ElementType?.Name}; float, double, int and long are read");
            }

            var fits = found.Dimensions.Length == tensor.Shape.Count
                && found.Dimensions.Zip(tensor.Dimensions).All(static pair => pair.First < 1 || !char.IsAsciiDigit(pair.Second[0]) || pair.Second == pair.First.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!fits)
            {
                throw OnnxCard.Fault($"'{tensor.Name}' has the shape [{string.Join(", ", tensor.Dimensions)}], in the file [{string.Join(", ", found.Dimensions)}]");
            }
        }
    }

    private List<NamedOnnxValue> Given(IReadOnlyList<OnnxValues> inputs, OnnxShapes shapes, List<string> outside)
    {
        if (inputs.GroupBy(input => input.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ModelInputException(twice.Key, "it is given twice");
        }

        if (inputs.FirstOrDefault(input => Card.Inputs.All(tensor => tensor.Name != input.Name)) is { } unknown)
        {
            throw new ModelInputException(unknown.Name, "the card has no such input");
        }

        if (inputs.Sum(input => (long)input.Values.Count) > _bounds.MostNumbers)
        {
            throw new ModelInputException("inputs", $"they have more than {_bounds.MostNumbers} numbers");
        }

        return [.. Card.Inputs.Select(tensor =>
        {
            var input = inputs.FirstOrDefault(input => input.Name == tensor.Name) ?? throw new ModelInputException(tensor.Name, $"it is missing (unit: {tensor.Unit})");
            CheckInput(tensor, input, shapes, outside);
            return OnnxNumbers.ToTensor(tensor.Name, _session.InputMetadata[tensor.Name].ElementType, input);
        })];
    }

    private void CheckInput(OnnxTensor card, OnnxValues input, OnnxShapes shapes, List<string> outside)
    {
        if (input.Unit != card.Unit)
        {
            throw new ModelInputException(card.Name, $"the unit given is '{input.Unit}', that of the card '{card.Unit}'");
        }

        if (shapes.Misfit(card, input.Shape) is { } misfit)
        {
            throw new ModelInputException(card.Name, misfit);
        }

        if (OnnxShapes.Count(input.Shape) != input.Values.Count)
        {
            throw new ModelInputException(card.Name, $"it has {input.Values.Count} numbers; its shape [{string.Join(", ", input.Shape)}] has {OnnxShapes.Count(input.Shape)}");
        }

        for (var i = 0; i < input.Values.Count; i++)
        {
            if (!double.IsFinite(input.Values[i]))
            {
                throw new ModelInputException($"{card.Name}[{i}]", "it is no finite number");
            }

            if (Outside(card, input.Values[i], i, outside) is { } fault && Card.Outside == OnnxOutside.Refuse)
            {
                throw new ModelInputException($"{card.Name}[{i}]", fault);
            }
        }
    }

    private OnnxValues Taken(OnnxTensor card, DisposableNamedOnnxValue value, OnnxShapes shapes, List<string> outside)
    {
        var (shape, values) = OnnxNumbers.FromTensor(value);
        if (values.Length > _bounds.MostNumbers)
        {
            throw new OnnxException(Card.Id, $"'{card.Name}' has {values.Length} numbers; {_bounds.MostNumbers} is the most");
        }

        if (shapes.Misfit(card, shape) is { } misfit)
        {
            throw new OnnxException(Card.Id, $"output '{card.Name}': {misfit}");
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new OnnxException(Card.Id, $"output '{card.Name}[{i}]' is {values[i]}");
            }

            if (Outside(card, values[i], i, outside) is { } fault && Card.Outside == OnnxOutside.Refuse)
            {
                throw new OnnxException(Card.Id, $"output '{card.Name}[{i}]': {fault}");
            }
        }

        return new OnnxValues(card.Name, card.Unit, shape, values);
    }

    // A hundred are told; whoever has more has seen enough.
    private static string? Outside(OnnxTensor card, double value, int index, List<string> outside)
    {
        if (value >= card.Least && value <= card.Most)
        {
            return null;
        }

        var fault = $"{value} {card.Unit} is outside of {card.Least} to {card.Most}, for which the model is valid";
        if (outside.Count < 100)
        {
            outside.Add($"{card.Name}[{index}]: {fault}");
        }

        return fault;
    }

    private static ModelInputException Fault(string fault) => new("onnx", fault);
}

/// <summary>Between our numbers and those of the runtime.</summary>
internal static class OnnxNumbers
{
    public static bool Known(Type? type) => type == typeof(float) || type == typeof(double) || type == typeof(int) || type == typeof(long);

    public static NamedOnnxValue ToTensor(string name, Type type, OnnxValues values)
    {
        int[] shape = [.. values.Shape];
        return type == typeof(float) ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(Floats(name, values.Values), shape))
            : type == typeof(double) ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<double>(values.Values.ToArray(), shape))
            : type == typeof(int) ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<int>(Array.ConvertAll(Whole(name, values.Values, int.MaxValue), static value => (int)value), shape))
            : NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(Whole(name, values.Values, 1L << 53), shape));
    }

    public static (int[] Shape, double[] Values) FromTensor(NamedOnnxValue value) => value.Value switch
    {
        Tensor<float> tensor => (tensor.Dimensions.ToArray(), [.. tensor.Select(static number => (double)number)]),
        Tensor<double> tensor => (tensor.Dimensions.ToArray(), [.. tensor]),
        Tensor<int> tensor => (tensor.Dimensions.ToArray(), [.. tensor.Select(static number => (double)number)]),
        Tensor<long> tensor => (tensor.Dimensions.ToArray(), [.. tensor.Select(static number => (double)number)]),
        var other => throw new InvalidOperationException($"'{value.Name}' is {other?.GetType().Name}."),
    };

    private static float[] Floats(string name, IReadOnlyList<double> values)
    {
        var floats = new float[values.Count];
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = (float)values[i];
            if (!float.IsFinite(floats[i]))
            {
                throw new ModelInputException($"{name}[{i}]", $"{values[i]} is more than a float holds");
            }
        }

        return floats;
    }

    private static long[] Whole(string name, IReadOnlyList<double> values, long most)
    {
        var whole = new long[values.Count];
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] = Math.Truncate(values[i]) == values[i] && Math.Abs(values[i]) <= most ? (long)values[i] : throw new ModelInputException($"{name}[{i}]", $"{values[i]} is no whole number that fits");
        }

        return whole;
    }
}
