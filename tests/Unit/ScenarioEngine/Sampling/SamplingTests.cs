using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Sampling;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Sampling;

public sealed class SamplingTests
{
    [Fact]
    public void Philox_gives_the_known_answers_of_Random123()
    {
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Block((0, 0, 0, 0), (0, 0)));
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox.Block((uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue), (uint.MaxValue, uint.MaxValue)));
        Assert.Equal((0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u), Philox.Block((0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), (0xa4093822, 0x299f31d0)));
    }

    [Theory]
    [InlineData(0.25, -0.6744897501960817)]
    [InlineData(0.001, -3.090232306167813)]
    [InlineData(1e-20, -9.262340089798408)]
    [InlineData(0.975, 1.959963984540054)]
    public void The_quantiles_of_the_normal_distribution_are_those_of_AS_241(double share, double expected) =>
        new ValidationRecord("uncertainty").Near($"normal quantile of {share}", NormalDistribution.Quantile(share), expected, Math.Abs(expected) * 1e-15 * 4, "1", "Wichura 1988, AS 241, its test values; R's qnorm");

    [Fact]
    public void Draws_are_even_and_have_mean_and_variance_of_their_distributions()
    {
        var stream = new DrawStream(7, "m", "e");
        double[] uniform = [.. Enumerable.Range(0, 100_000).Select(i => stream.Uniform(i, 0))];
        double[] normal = [.. Enumerable.Range(0, 100_000).Select(i => stream.Normal(i, 1))];

        Assert.All(uniform, static u => Assert.InRange(u, 0, Math.BitDecrement(1)));
        // Four standard errors.
        Assert.Equal(0.5, uniform.Average(), 0.0037);
        Assert.Equal(0, normal.Average(), 0.0127);
        Assert.Equal(1, normal.Average(static x => x * x), 0.018);
        var bins = uniform.GroupBy(static u => (int)(u * 100)).Sum(static bin => Math.Pow(bin.Count() - 1000, 2) / 1000);
        // Chi square of 99 degrees of freedom, 99.99 %.
        Assert.InRange(bins, 40, 161.3);
    }

    [Fact]
    public void Draws_belong_to_their_entity_model_and_seed()
    {
        var one = new DrawStream(1, "m", "e");
        Assert.Equal(one.Uniform(5, 2), new DrawStream(1, "m", "e").Uniform(5, 2));
        Assert.NotEqual(one.Uniform(5, 2), new DrawStream(2, "m", "e").Uniform(5, 2));
        Assert.NotEqual(one.Uniform(5, 2), new DrawStream(1, "n", "e").Uniform(5, 2));
        Assert.NotEqual(one.Uniform(5, 2), new DrawStream(1, "m", "f").Uniform(5, 2));
        Assert.NotEqual(one.Uniform(5, 2), one.Uniform(6, 2));
        Assert.NotEqual(one.Uniform(5, 2), one.Uniform(5, 3));
    }

    [Fact]
    public void A_share_that_is_none_is_refused() => Assert.Equal("share", Assert.Throws<ModelInputException>(() => NormalDistribution.Quantile(1)).Input);
}
