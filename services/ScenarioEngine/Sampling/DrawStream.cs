using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Twin.ScenarioEngine.Sampling;

/// <summary>
/// The draws of one entity in one model under one seed. Scenarios that share a seed share the draws of every entity
/// (common random numbers); another entity more moves none of them; any thread may make any of them.
/// </summary>
public readonly struct DrawStream
{
    private readonly (uint A, uint B) _key;

    /// <summary>Keys it: the first eight bytes of the SHA-256 of seed, model and entity.</summary>
    /// <param name="seed">The family's seed.</param>
    /// <param name="model">The id of the model's card.</param>
    /// <param name="entity">The entity's id.</param>
    public DrawStream(ulong seed, string model, string entity)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\n{model}\n{entity}"));
        _key = (BinaryPrimitives.ReadUInt32LittleEndian(hash), BinaryPrimitives.ReadUInt32LittleEndian(hash.AsSpan(4)));
    }

    /// <summary>A number in [0, 1) of 53 bits.</summary>
    /// <param name="draw">Which draw.</param>
    /// <param name="input">Which of the inputs that are drawn.</param>
    public double Uniform(long draw, int input)
    {
        var (a, b, _, _) = Philox.Block(((uint)draw, (uint)(draw >> 32), (uint)input, 0), _key);
        return ((((ulong)a << 32) | b) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A standard normal number, by the inverse of its distribution.</summary>
    public double Normal(long draw, int input) => NormalDistribution.Quantile(Math.Min(Uniform(draw, input) + (0.5 / (1UL << 53)), Math.BitDecrement(1)));
}
