using System.Globalization;

namespace Twin.ScenarioEngine.Onnx;

/// <summary>Shapes of one run: what a name of a free dimension stands for is found with the first tensor that has it.</summary>
internal sealed class OnnxShapes
{
    private readonly Dictionary<string, int> _free = new(StringComparer.Ordinal);

    /// <summary>Why a shape does not fit the card, or null when it does.</summary>
    public string? Misfit(OnnxTensor card, IReadOnlyList<int> shape)
    {
        if (shape.Count != card.Shape.Count)
        {
            return $"its shape is [{string.Join(", ", shape)}], that of the card [{string.Join(", ", card.Dimensions)}]";
        }

        foreach (var (dimension, length) in card.Dimensions.Zip(shape))
        {
            if (length < 1)
            {
                return $"its shape is [{string.Join(", ", shape)}]: no dimension may be empty";
            }

            if (!int.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out var expected) && !_free.TryGetValue(dimension, out expected))
            {
                _free.Add(dimension, expected = length);
            }

            if (length != expected)
            {
                return $"its shape is [{string.Join(", ", shape)}], that of the card [{string.Join(", ", card.Dimensions)}] with {dimension} = {expected}";
            }
        }

        return null;
    }

    /// <summary>Numbers of a shape; one too many to count is <see cref="long.MaxValue"/>.</summary>
    public static long Count(IReadOnlyList<int> shape) => shape.Aggregate(1L, static (product, length) => (long)Int128.Min((Int128)product * length, long.MaxValue));
}
