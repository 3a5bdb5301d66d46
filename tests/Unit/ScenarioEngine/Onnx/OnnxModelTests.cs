using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Onnx;
using Twin.Tests.Support;
using Xunit;
using static Twin.Tests.Unit.ScenarioEngine.Onnx.OnnxBytes;

namespace Twin.Tests.Unit.ScenarioEngine.Onnx;

/// <summary>ONNX files with their cards; the files are made here, byte by byte.</summary>
public sealed class OnnxModelTests
{
    // Heating need of a flat, kWh/(m2.a), of U value and area per volume: y = x W + b.
    private static readonly byte[] Regression = Model(Graph(
        Operator("MatMul", ["x", "w"], ["xw"]), Operator("Add", ["xw", "b"], ["y"]), Weights("w", [2, 1], 60, 25), Weights("b", [1], 12.5f), Takes("x", Float, "n", 2), Gives("y", Float, "n", 1)));

    private static readonly byte[] Perceptron = Model(Graph(
        Operator("MatMul", ["x", "w1"], ["a1"]), Operator("Add", ["a1", "b1"], ["c1"]), Operator("Relu", ["c1"], ["h"]), Operator("MatMul", ["h", "w2"], ["a2"]), Operator("Add", ["a2", "b2"], ["y"]),
        Weights("w1", [2, 3], 0.5f, -1, 2, 0.25f, 1, -0.5f), Weights("b1", [3], 0.1f, 0.2f, -0.3f), Weights("w2", [3, 1], 1, 2, 3), Weights("b2", [1], -0.5f), Takes("x", Float, "n", 2), Gives("y", Float, "n", 1)));

    [Fact]
    public void A_regression_gives_its_equation()
    {
        using var model = Open(Regression);
        var result = Run(model, [0.5, 1, 2, 0.25]);
        var y = Assert.Single(result.Outputs);
        Assert.Equal(("y", "kWh/(m2.a)"), (y.Name, y.Unit));
        Assert.Equal([2, 1], y.Shape);
        Assert.Empty(result.Outside);
        var record = new ValidationRecord("onnx");
        record.Near("linear regression, first row", y.Values[0], (0.5 * 60) + (1 * 25) + 12.5, 0, "kWh/(m2.a)", "arithmetic, exact in single precision");
        record.Near("linear regression, second row", y.Values[1], (2 * 60) + (0.25 * 25) + 12.5, 0, "kWh/(m2.a)", "arithmetic, exact in single precision");
    }

    [Fact]
    public void A_perceptron_gives_what_the_same_sums_give_here()
    {
        using var model = Open(Perceptron, card => card.Replace("refuse", "flag", StringComparison.Ordinal));
        Gen.Double[0, 5].Array[2, 40].Where(values => values.Length % 2 == 0).Sample(
            values =>
            {
                var y = Run(model, values).Outputs[0].Values;
                for (var row = 0; row < values.Length / 2; row++)
                {
                    double Hidden(double u, double v, double b) => Math.Max(0, (u * (float)values[2 * row]) + (v * (float)values[(2 * row) + 1]) + b);
                    Assert.Equal(Hidden(0.5, 0.25, 0.1f) + (2 * Hidden(-1, 1, 0.2f)) + (3 * Hidden(2, -0.5, -0.3f)) - 0.5, y[row], 1e-4);
                }
            },
            iter: 100);
    }

    [Fact]
    public void The_same_inputs_give_the_same_bits_from_several_threads_and_sessions()
    {
        using var first = Open(Perceptron);
        using var second = Open(Perceptron);
        double[] values = [.. Enumerable.Range(0, 20_000).Select(i => i % 977 / 211.0)];
        var expected = Run(first, values).Outputs[0].Values;
        Parallel.For(0, 4, i => Assert.Equal(expected, Run(i % 2 == 0 ? first : second, values).Outputs[0].Values));
    }

    [Fact]
    public void Inputs_outside_of_the_card_are_refused_or_flagged_as_the_card_says()
    {
        using var refusing = Open(Regression);
        var refused = Assert.Throws<ModelInputException>(() => Run(refusing, [1, 1, 5.5, 1]));
        Assert.Equal("x[2]", refused.Input);
        Assert.Equal("5.5 W/(m2.K) is outside of 0 to 5, for which the model is valid", refused.Fault);
        using var flagging = Open(Regression, card => card.Replace("refuse", "flag", StringComparison.Ordinal));
        var result = Run(flagging, [1, 1, 5.5, 1]);
        Assert.Equal("x[2]: 5.5 W/(m2.K) is outside of 0 to 5, for which the model is valid", Assert.Single(result.Outside));
        Assert.Equal((5.5 * 60) + 25 + 12.5, result.Outputs[0].Values[1]);
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_by_name()
    {
        using var model = Open(Regression);
        Refused([], "x", "it is missing (unit: W/(m2.K))");
        Refused([Input([1, 1]) with { Unit = "W" }], "x", "the unit given is 'W', that of the card 'W/(m2.K)'");
        Refused([Input([1, 1]) with { Shape = [2, 1] }], "x", "its shape is [2, 1], that of the card [n, 2] with 2 = 2");
        Refused([Input([1, 1]) with { Shape = [2] }], "x", "its shape is [2], that of the card [n, 2]");
        Refused([Input([1, 1]) with { Shape = [2, 2] }], "x", "it has 2 numbers; its shape [2, 2] has 4");
        Refused([Input([1, 1]) with { Shape = [0, 2] }], "x", "no dimension may be empty");
        Refused([Input([1, double.NaN])], "x[1]", "it is no finite number");
        Refused([Input([1, 1]), Input([1, 1])], "x", "it is given twice");
        Refused([Input([1, 1]), Input([1, 1]) with { Name = "z" }], "z", "the card has no such input");

        void Refused(OnnxValues[] inputs, string input, string fault)
        {
            var refused = Assert.Throws<ModelInputException>(() => model.Run(inputs, TestContext.Current.CancellationToken));
            Assert.Equal(input, refused.Input);
            Assert.Contains(fault, refused.Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Outputs_that_are_not_what_the_card_says_are_refused()
    {
        var halved = Model(Graph(Operator("ReduceMean", ["x"], ["y"]), Takes("x", Float, "n", 2), Gives("y", Float, "m", 1)));
        using (var model = Open(halved))
        {
            // The mean of everything: one number where the card promises one for each row.
            var fault = Assert.Throws<OnnxException>(() => Run(model, [1, 1, 2, 2]));
            Assert.Contains("output 'y': its shape is [1, 1], that of the card [n, 1] with n = 2", fault.Fault, StringComparison.Ordinal);
        }

        var infinite = Model(Graph(
            Operator("MatMul", ["x", "w"], ["xw"]), Operator("Log", ["xw"], ["y"]), Weights("w", [2, 1], -1, -1), Takes("x", Float, "n", 2), Gives("y", Float, "n", 1)));
        using (var model = Open(infinite))
        {
            Assert.Contains("output 'y[0]' is NaN", Assert.Throws<OnnxException>(() => Run(model, [1, 1])).Fault, StringComparison.Ordinal);
        }

        using (var model = Open(Regression, card => card.Replace("\"most\": 1000", "\"most\": 50", StringComparison.Ordinal)))
        {
            Assert.Contains("output 'y[0]': 97.5 kWh/(m2.a) is outside of 0 to 50", Assert.Throws<OnnxException>(() => Run(model, [1, 1])).Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_model_that_does_not_end_is_ended()
    {
        var body = Graph(
            Operator("Identity", ["c"], ["c2"]), Operator("Identity", ["v"], ["v2"]), Takes("i", Long), Takes("c", Bool), Takes("v", Float, "n", 2), Gives("c2", Bool), Gives("v2", Float, "n", 2));
        var endless = Model(Graph(
            Operator("Loop", ["most", "yes", "x"], ["z"], Body("body", body)), Operator("MatMul", ["z", "w"], ["y"]), Weights("w", [2, 1], 1, 1), Whole("most", long.MaxValue), True("yes"), Takes("x", Float, "n", 2), Gives("y", Float, "n", 1)));
        using var model = Open(endless, bounds: new OnnxBounds { Deadline = TimeSpan.FromSeconds(0.3) });
        Assert.Equal("no answer within 0.3 s", Assert.Throws<OnnxException>(() => Run(model, [1, 1])).Fault);
    }

    [Fact]
    public void Files_that_are_not_what_their_card_says_are_not_opened()
    {
        Refused(Regression, card => card.Replace(Hash(Regression), Hash([1]), StringComparison.Ordinal), "onnx: its SHA-256 is");
        Refused(Regression, card => card.Replace("\"name\": \"x\"", "\"name\": \"X\"", StringComparison.Ordinal), "card: the file has no 'X' among its inputs: x");
        Refused(Regression, card => card.Replace("[\"n\", 2]", "[\"n\", 3]", StringComparison.Ordinal), "card: 'x' has the shape [n, 3], in the file [-1, 2]");
        Refused([1, 2, 3], card => card, "no ONNX file");
        Refused([], card => card, "it is empty");
        Refused(Regression[..^20], card => card, "it is cut off, or no ONNX file");
        Refused(Model(Graph(Operator("Add", ["x", "b"], ["y"]), Elsewhere("b", "../../etc/passwd"), Takes("x", Float, "n", 2), Gives("y", Float, "n", 2))), card => card, "whose data lie in another file");
        Refused(Model(Graph(Operator("NoSuchOperator", ["x"], ["y"]), Takes("x", Float, "n", 2), Gives("y", Float, "n", 1))), card => card, "NoSuchOperator");
        Refused(Model(Graph(Operator("MatMul", ["x", "w"], ["y"]), Takes("x", Float, "n", 2), Takes("w", Float, 2, 1), Gives("y", Float, "n", 1))), card => card, "card: it says nothing of the input 'w'");

        static void Refused(byte[] file, Func<string, string> change, string fault) =>
            Assert.Contains(fault, Assert.Throws<ModelInputException>(() => Open(file, change)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_larger_file_than_allowed_is_not_opened() => Assert.Contains(
        "is the most", Assert.Throws<ModelInputException>(() => Open(Regression, bounds: new OnnxBounds { MostFileBytes = 10 })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"unit\": \"W/(m2.K)\", ", "", "unit")]
    [InlineData("\"validFor\": \"tests\",", "", "validFor")]
    [InlineData("\"validFor\": \"tests\"", "\"validFor\": \" \"", "validFor is empty")]
    [InlineData("\"validFor\": \"tests\"", "\"validFor\": null", "validFor")]
    [InlineData("\"least\": 0, \"most\": 5,", "\"least\": 6, \"most\": 5,", "which is no range")]
    [InlineData("\"version\"", "\"colour\": \"red\", \"version\"", "colour")]
    [InlineData("[\"n\", 2]", "[\"n\", -2]", "a shape that is none")]
    [InlineData("[\"n\", 2]", "[\"n\", true]", "a shape that is none")]
    [InlineData("\"outside\": \"refuse\"", "\"outside\": \"ignore\"", "outside")]
    [InlineData("\"sources\": [\"these tests\"]", "\"sources\": []", "each have at least one")]
    public void A_card_that_lacks_something_is_none(string good, string bad, string says)
    {
        var json = Card(Regression).Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Card(Regression), json);
        var refused = Assert.Throws<ModelInputException>(() => OnnxCard.Read(Encoding.UTF8.GetBytes(json)));
        Assert.Equal("card", refused.Input);
        Assert.Contains(says, refused.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_card_shown_next_to_results_has_shapes_and_ranges()
    {
        var card = OnnxCard.Read(Encoding.UTF8.GetBytes(Card(Regression))).ToModelCard();
        Assert.Equal("U value and area per volume. Shape [n, 2], valid from 0 to 5.", Assert.Single(card.Inputs).Description);
        Assert.Contains(card.Sources, source => source.Contains(Hash(Regression), StringComparison.Ordinal));
    }

    private static OnnxModel Open(byte[] file, Func<string, string>? change = null, OnnxBounds? bounds = null) =>
        OnnxModel.Open(file, OnnxCard.Read(Encoding.UTF8.GetBytes((change ?? (json => json))(Card(file)))), bounds ?? new OnnxBounds(), TimeProvider.System);

    private static OnnxValues Input(double[] values) => new("x", "W/(m2.K)", [values.Length / 2, 2], values);

    private static OnnxResult Run(OnnxModel model, double[] values) => model.Run([Input(values)], TestContext.Current.CancellationToken);

    private static string Hash(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    private static string Card(byte[] file) => $$"""
        {
          "id": "heating-regression", "version": "1.0.0", "title": "Heating need, by regression", "use": "prospective", "outside": "refuse",
          "sha256": "{{Hash(file)}}",
          "inputs": [{ "name": "x", "unit": "W/(m2.K)", "shape": ["n", 2], "least": 0, "most": 5, "description": "U value and area per volume." }],
          "outputs": [{ "name": "y", "unit": "kWh/(m2.a)", "shape": ["n", 1], "least": 0, "most": 1000, "description": "Heating need." }],
          "sources": ["these tests"], "validFor": "tests", "notValidFor": "anything else", "uncertainty": "none known"
        }
        """;
}
