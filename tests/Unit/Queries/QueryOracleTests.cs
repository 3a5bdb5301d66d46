using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Xunit;

namespace Twin.Tests.Unit.Queries;

/// <summary>Random entities and random q: the evaluator against a plain reading of 4.9 over System.Text.Json nodes.</summary>
public sealed class QueryOracleTests
{
    private static readonly string[] Names = ["alpha", "beta", "gamma", "delta"];
    private static readonly string[] Words = ["ok", "red", "ré\"d", "Zoo", "", "10", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z"];

    private static readonly Gen<JsonNode> Scalar = Gen.OneOf(
        Gen.Int[-3, 12].Select(i => (JsonNode)JsonValue.Create(i)),
        Given.OneOf(0.5, 1.25, 1e3).Select(d => (JsonNode)JsonValue.Create(d)),
        Given.OneOf(Words).Select(w => (JsonNode)JsonValue.Create(w)),
        Gen.Bool.Select(b => (JsonNode)JsonValue.Create(b)));

    private static readonly Gen<JsonNode> Value = Gen.Frequency(
        (5, Scalar),
        (2, Scalar.Array[1, 3].Select(items => (JsonNode)new JsonArray([.. items.Select(i => i.DeepClone())]))),
        (2, Gen.Select(Scalar, Scalar, (a, b) => (JsonNode)new JsonObject { ["m"] = a.DeepClone(), ["n"] = new JsonArray(b.DeepClone(), new JsonObject { ["k"] = a.DeepClone() }) })));

    private static readonly Gen<JsonObject> Entity = Gen.Select(Given.OneOf(Names), Value, Value, Gen.Int[0, 3]).Array[1, 4].Select(MakeEntity);

    private static readonly Gen<Term> AnyTerm = Gen.Select(
        Given.OneOf(Names), Given.OneOf("", ".sub", "[m]", "[n]", "[n.k]", ".sub[m]"), Given.OneOf("", "==", "!=", ">", ">=", "<", "<=", "list", "range"), Scalar, Scalar)
        .Select((name, path, op, first, second) => new Term(name, path, op, first, second));

    private static readonly Gen<Node> Query = Gen.Recursive<Node>((depth, self) => depth > 2
        ? AnyTerm.Select(t => new Node(t, null, false))
        : Gen.Frequency((2, AnyTerm.Select(t => new Node(t, null, false))), (1, Gen.Select(self.Array[1, 3], Gen.Bool).Select((c, all) => new Node(null, c, all)))));

    [Fact]
    public void The_evaluator_agrees_with_a_plain_reading_of_the_clause() => Gen.Select(Entity, Query).Sample(
        (json, query) =>
        {
            string q = query.Write();
            EntityDocument entity = Given.Entity(json.ToJsonString());
            return QExpression.Parse(q, Given.Core).Matches(entity, Given.Context) == query.Holds(json);
        },
        iter: 5_000,
        seed: "dGBr-uLwY861",
        print: pair => $"{pair.Item2.Write()}   {pair.Item1.ToJsonString()}");

    private static JsonObject MakeEntity((string Name, JsonNode Value, JsonNode Sub, int Extra)[] attributes)
    {
        var entity = new JsonObject { ["id"] = "urn:x:e", ["type"] = "T" };
        foreach ((string name, JsonNode value, JsonNode sub, int extra) in attributes)
        {
            var instance = new JsonObject { ["type"] = "Property", ["value"] = value.DeepClone() };
            if (extra > 0)
            {
                instance["sub"] = new JsonObject { ["type"] = "Property", ["value"] = sub.DeepClone() };
            }

            entity[name] = extra < 3 ? instance : new JsonArray(instance, new JsonObject { ["type"] = "Property", ["value"] = sub.DeepClone(), ["datasetId"] = "urn:x:d" });
        }

        return entity;
    }

    private sealed record Term(string Name, string Path, string Op, JsonNode First, JsonNode Second)
    {
        public string Write() => Name + Path + Effective switch
        {
            "" => "",
            "list" => $"=={Text(First)},{Text(Second)}",
            "range" => $"=={Text(First)}..{Text(Second)}",
            { } op => op + Text(First),
        };

        /// <summary>An operator that the grammar allows with the constants: no order of booleans, no range over two types.</summary>
        private string Effective => Op switch
        {
            ">" or ">=" or "<" or "<=" when First.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "==",
            "range" when First.GetValueKind() != Second.GetValueKind() || First.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "list",
            _ => Op,
        };

        public bool Holds(JsonObject entity) => Targets(entity).Any(Test);

        private static string Text(JsonNode node) => node.GetValueKind() == System.Text.Json.JsonValueKind.String
            ? node.ToJsonString()
            : node.GetValueKind() == System.Text.Json.JsonValueKind.Number ? node.GetValue<object>() is int i ? i.ToString(CultureInfo.InvariantCulture) : node.GetValue<double>().ToString("R", CultureInfo.InvariantCulture) : node.ToJsonString();

        private IEnumerable<JsonNode> Targets(JsonObject entity)
        {
            if (entity[Name] is not { } attribute)
            {
                yield break;
            }

            int bracket = Path.IndexOf('[', StringComparison.Ordinal);
            string[] members = bracket < 0 ? [] : Path[(bracket + 1)..^1].Split('.');
            IEnumerable<JsonNode?> instances = attribute is JsonArray several ? several : Enumerable.Repeat<JsonNode?>(attribute, 1);
            foreach (JsonNode? instance in instances)
            {
                JsonNode? holder = Path.StartsWith(".sub", StringComparison.Ordinal) ? instance!["sub"] : instance;
                if (holder?["value"] is not { } value)
                {
                    continue;
                }

                foreach (JsonNode found in members.Length == 0 ? [value] : Inside(value, members))
                {
                    yield return found;
                }
            }
        }

        private static IEnumerable<JsonNode> Inside(JsonNode value, string[] members) => members.Length == 0
            ? [value]
            : value switch
            {
                JsonObject o when o[members[0]] is { } inner => Inside(inner, members[1..]),
                JsonArray a => a.SelectMany(item => Inside(item!, members)),
                _ => [],
            };

        private bool Test(JsonNode target) => Effective switch
        {
            "" => true,
            "!=" => !Elements(target).Any(e => Order(e, First) == 0),
            "==" => Elements(target).Any(e => Order(e, First) == 0),
            "list" => Elements(target).Any(e => Order(e, First) == 0 || Order(e, Second) == 0),
            "range" => Elements(target).Any(e => Order(e, First) >= 0 && Order(e, Second) <= 0),
            ">" => Elements(target).Any(e => Order(e, First) > 0),
            ">=" => Elements(target).Any(e => Order(e, First) >= 0),
            "<" => Elements(target).Any(e => Order(e, First) < 0),
            _ => Elements(target).Any(e => Order(e, First) <= 0),
        };

        private static IEnumerable<JsonNode> Elements(JsonNode target) => target is JsonArray array ? array.Select(e => e!) : [target];

        /// <summary>Null when the two have no order.</summary>
        private static int? Order(JsonNode target, JsonNode constant)
        {
            if (target is not JsonValue || target.GetValueKind() != constant.GetValueKind())
            {
                return null;
            }

            switch (constant.GetValueKind())
            {
                case System.Text.Json.JsonValueKind.Number:
                    return Number(target).CompareTo(Number(constant));
                case System.Text.Json.JsonValueKind.String:
                    string a = target.GetValue<string>();
                    string b = constant.GetValue<string>();
                    return DateTimeOffset.TryParseExact(a, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset x)
                        && DateTimeOffset.TryParseExact(b, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset y)
                            ? x.CompareTo(y)
                            : string.CompareOrdinal(a, b);
                default:
                    return 0;
            }
        }

        private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

        private static readonly string[] Formats = ["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:ss.fffZ"];
    }

    private sealed record Node(Term? Term, Node[]? Children, bool All)
    {
        public string Write() => Term?.Write() ?? "(" + string.Join(All ? ';' : '|', Children!.Select(c => c.Write())) + ")";

        public bool Holds(JsonObject entity) => Term?.Holds(entity) ?? (All ? Children!.All(c => c.Holds(entity)) : Children!.Any(c => c.Holds(entity)));
    }
}
