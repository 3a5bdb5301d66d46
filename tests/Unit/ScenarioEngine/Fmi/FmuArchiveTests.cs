using System.IO.Compression;
using System.Text;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Fmi;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Fmi;

/// <summary>Files that are no FMU, or more than one.</summary>
public sealed class FmuArchiveTests
{
    private static readonly byte[] Library = [1, 2, 3];

    [Theory]
    [InlineData("../escape.so")]
    [InlineData("resources/../../escape")]
    [InlineData("/etc/escape")]
    [InlineData("resources\\..\\escape")]
    public void An_entry_that_would_be_written_elsewhere_is_refused(string name) =>
        Refused(TinyFmu.Zip(("modelDescription.xml", Xml(2)), ("binaries/linux64/tiny.so", Library), (name, [1])), "would be written elsewhere");

    [Fact]
    public void A_link_is_refused()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            var link = zip.CreateEntry("resources/link");
            link.ExternalAttributes = unchecked((int)(0xA1FFu << 16));
            using var to = link.Open();
            to.Write("/etc/passwd"u8);
        }

        Refused(bytes.ToArray(), "is a link");
    }

    [Fact]
    public void What_unpacks_to_more_than_is_allowed_is_refused_whatever_its_directory_says() =>
        Refused(TinyFmu.Zip(("modelDescription.xml", Xml(2)), ("binaries/linux64/tiny.so", Library), ("resources/bomb", new byte[10 << 20])), "more comes out of it than is allowed", new FmuBounds { MostUnpackedBytes = 1 << 20 });

    [Fact]
    public void Bounds_of_bytes_entries_characters_and_variables_are_kept()
    {
        var file = TinyFmu.Zip(("modelDescription.xml", Xml(2)), ("binaries/linux64/tiny.so", Library));
        Refused(file, "is the most", new FmuBounds { MostFileBytes = 10 });
        Refused(file, "2 entries", new FmuBounds { MostEntries = 1 });
        Refused(file, "no XML that is read here", new FmuBounds { MostDescriptionCharacters = 100 });
        Refused(file, "more than 3 variables", new FmuBounds { MostVariables = 3 });
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\"?>", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>", "no XML that is read here")]
    [InlineData("fmiVersion=\"2.0\"", "fmiVersion=\"1.0\"", "FMI 1.0 is not read")]
    [InlineData("CoSimulation", "ModelExchange", "not for co-simulation")]
    [InlineData("modelIdentifier=\"tiny\"", "modelIdentifier=\"../tiny\"", "no C identifier")]
    [InlineData("modelIdentifier=\"tiny\"", "modelIdentifier=\"other\"", "so it is not for this machine")]
    [InlineData("name=\"k\"", "name=\"x\"", "two variables are named 'x'")]
    [InlineData("factor=\"0.001\"", "factor=\"0\"", "a factor is 0")]
    [InlineData("factor=\"0.001\"", "factor=\"NaN\"", "no finite number")]
    [InlineData("<CoSimulation ", "<CoSimulation needsExecutionTool=\"true\" ", "beside the tool that made it")]
    [InlineData("valueReference=\"3\"", "valueReference=\"-3\"", "a valueReference is no number")]
    [InlineData("</fmiModelDescription>", "", "no XML that is read here")]
    public void A_description_that_is_not_understood_is_refused(string good, string bad, string fault)
    {
        var xml = Encoding.UTF8.GetString(Xml(2)).Replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\"?>", StringComparison.Ordinal);
        Refused(TinyFmu.Zip(("modelDescription.xml", Encoding.UTF8.GetBytes(xml.Replace(good, bad, StringComparison.Ordinal))), ("binaries/linux64/tiny.so", Library)), fault);
    }

    [Fact]
    public void What_is_no_zip_file_is_refused() => Refused([1, 2, 3, 4], "no zip file that can be read");

    [Fact]
    public async Task A_library_that_is_none_is_told()
    {
        using var file = new MemoryStream(TinyFmu.Zip(("modelDescription.xml", Xml(2)), ("binaries/linux64/tiny.so", Library)));
        using var fmu = FmuArchive.Open(file, Path.GetTempPath(), new FmuBounds());
        var fault = await Assert.ThrowsAsync<FmuException>(() => FmuProcess.StartAsync(fmu, "tiny", TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal(FmuFailure.Failed, fault.Failure);
        Assert.StartsWith("tiny: loading:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_the_library_does_not_know_is_told_in_its_own_words()
    {
        using var fmu = TinyFmu.Open(2, change: xml => xml.Replace("{tiny}", "{other}", StringComparison.Ordinal));
        var fault = await Assert.ThrowsAsync<FmuException>(() => FmuProcess.StartAsync(fmu, "tiny", TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal("tiny: loading: fmi2Instantiate gave no instance. It logged: [Error] wrong guid {other}", fault.Message);
    }

    [Fact]
    public void The_card_says_what_the_file_says_and_nothing_is_left_behind()
    {
        string folder;
        using (var fmu = TinyFmu.Open(3))
        {
            folder = fmu.Folder;
            var card = FmuCard.Of(fmu);
            Assert.Equal("K/s", Assert.Single(card.Inputs).Unit);
            Assert.Contains(card.Outputs, output => output is { Name: "x", Unit: "K" });
            Assert.Contains(fmu.Sha256, card.Sources[0], StringComparison.Ordinal);
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    private static byte[] Xml(int fmi) => Encoding.UTF8.GetBytes(TinyFmu.Description(fmi));

    private static void Refused(byte[] file, string fault, FmuBounds? bounds = null)
    {
        var folder = Directory.CreateTempSubdirectory("fmu-refused");
        using var stream = new MemoryStream(file);
        var refused = Assert.Throws<ModelInputException>(() => FmuArchive.Open(stream, folder.FullName, bounds ?? new FmuBounds()));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
        Assert.Empty(folder.EnumerateFileSystemInfos());
        folder.Delete();
    }
}
