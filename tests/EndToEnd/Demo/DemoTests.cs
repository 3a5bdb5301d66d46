using System.Text.Json;
using Xunit;

namespace Twin.Tests.EndToEnd.Demo;

public sealed class DemoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>What a newcomer does: start, paste the commands, lose a city, stop, start again.</summary>
    [Fact]
    public async Task Two_cities_answer_the_printed_commands_survive_the_loss_of_one_and_stop_without_a_trace()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var directory = Directory.CreateTempSubdirectory("twin-demo-");
        try
        {
            int[] pids;
            using (var demo = TwinCli.Start("demo", "--data", directory.FullName, "--ports", "0,0"))
            {
                var (lines, curls) = await GuideAsync(demo, limit.Token);
                pids = [demo.Id, Pid(directory, "mulhouse-dmc"), Pid(directory, "loerrach-lauffenmuehle")];
                Assert.Contains(lines, static l => l.Contains("password:", StringComparison.Ordinal));

                using var one = JsonDocument.Parse(await TwinCli.PasteAsync(curls[0], limit.Token));
                Assert.Equal("urn:ngsi-ld:Building:mulhouse-dmc:hall-75", one.RootElement.GetProperty("id").GetString());
                Assert.Equal(9600, one.RootElement.GetProperty("floorArea").GetProperty("value").GetDouble(), 20.0);

                using var near = JsonDocument.Parse(await TwinCli.PasteAsync(curls[1], limit.Token));
                Assert.NotEmpty(near.RootElement.EnumerateArray());
                Assert.All(near.RootElement.EnumerateArray(), static b => Assert.True(b.GetProperty("height").GetDouble() > 12));
                Assert.Equal(["mulhouse-dmc"], Cities(near));

                using var both = JsonDocument.Parse(await TwinCli.PasteAsync(curls[2], limit.Token));
                Assert.Equal(["loerrach-lauffenmuehle", "mulhouse-dmc"], Cities(both));
                Assert.Equal(24, both.RootElement.GetArrayLength());

                using var compared = JsonDocument.Parse(await TwinCli.PasteAsync(curls[3], limit.Token));
                Assert.Equal(["L'existant", "Rénovation sobre", "Communs verts", "Dense et mixte"], compared.RootElement.GetProperty("scenarios").EnumerateArray().Select(static s => s.GetProperty("name").GetString()));
                Assert.Contains(compared.RootElement.GetProperty("indicators").EnumerateArray(), static i => i.GetProperty("name").GetString() == "carbon" && i.GetProperty("values")[1].GetProperty("verdict").GetString() == "better");

                TwinCli.Signal(pids[2], "KILL");
                var alone = await TwinCli.PasteAsync(curls[2].Replace("curl ", "curl -i ", StringComparison.Ordinal), limit.Token);
                var (head, body) = (alone[..alone.IndexOf("\r\n\r\n", StringComparison.Ordinal)], alone[(alone.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
                Assert.Contains("HTTP/1.1 200", head, StringComparison.Ordinal);
                Assert.Contains("loerrach-lauffenmuehle", head.Split("\r\n").Single(static h => h.StartsWith("NGSILD-Warning", StringComparison.OrdinalIgnoreCase)), StringComparison.Ordinal);
                using var rest = JsonDocument.Parse(body);
                Assert.Equal(["mulhouse-dmc"], Cities(rest));
                Assert.Equal(14, rest.RootElement.GetArrayLength());

                Assert.True(await demo.SaysAsync("Lörrach has ended", limit.Token));
                TwinCli.Signal(demo.Id, "INT");
                Assert.Equal(0, (await demo.EndAsync(limit.Token)).Code);
            }

            Assert.All(pids, static pid => Assert.False(TwinCli.IsAlive(pid), $"Process {pid} still runs."));

            using var again = TwinCli.Start("demo", "--data", directory.FullName, "--ports", "0,0");
            var (_, commands) = await GuideAsync(again, limit.Token);
            using var later = JsonDocument.Parse(await TwinCli.PasteAsync(commands[2], limit.Token));
            Assert.Equal(24, later.RootElement.GetArrayLength());
            TwinCli.Signal(again.Id, "TERM");
            var end = await again.EndAsync(limit.Token);
            Assert.Equal(0, end.Code);
            Assert.Equal(2, end.Error.Split("the district is there already").Length - 1);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>What the demo prints for newcomers, once it is there.</summary>
    internal static async Task<(List<string> Lines, List<string> Curls)> GuideAsync(TwinCli demo, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await demo.Output.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("Ctrl-C", StringComparison.Ordinal))
            {
                return (lines, [.. lines.Where(static l => l.StartsWith("curl ", StringComparison.Ordinal))]);
            }
        }

        var (code, _, error) = await demo.EndAsync(cancellationToken);
        throw new InvalidOperationException($"The demo ended with {code}: {error}");
    }

    private static int Pid(DirectoryInfo directory, string city)
    {
        using var node = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory.FullName, city, "node.json")));
        return node.RootElement.GetProperty("pid").GetInt32();
    }

    private static string[] Cities(JsonDocument answer) =>
        [.. answer.RootElement.EnumerateArray().Select(static b => b.GetProperty("id").GetString()!.Split(':')[3]).Distinct().Order(StringComparer.Ordinal)];
}
