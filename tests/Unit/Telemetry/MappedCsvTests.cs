using System.Text;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Ingest.Csv;
using Twin.Telemetry.Ingest.Mappings;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>CSV as a mapping says it.</summary>
public sealed class MappedCsvTests
{
    private const string Wide = """
        {"separator":";","decimalComma":true,"comment":"#","skipLines":1,"noValue":["","NA","-999"],"entity":"urn:ngsi-ld:Device:{station}",
         "time":"{day} {hour}","timeFormat":"dd.MM.yyyy HH:mm","timeZone":"Europe/Paris",
         "columns":[{"column":"temp","attribute":"temperature","unit":"CEL"},{"column":"note","attribute":"note","text":true},{"column":5,"attribute":"humidity","unit":"P1","noValue":["x"]}]}
        """;

    private const string WideBody = "exported today; \"by hand\nstation;day;hour;temp;hum;note\n# a \" comment\nMulhouse Été;01.07.2026;12:00;21,5;55;12\n\"a\"\"b\";01.01.2026;12:00;-999;x;\"two\nlines\"\n";

    private static readonly string[] WideRows =
    [
        "urn:ngsi-ld:Device:Mulhouse%20%C3%89t%C3%A9|temperature|2026-07-01T10:00:00Z|21.5|CEL",
        "urn:ngsi-ld:Device:Mulhouse%20%C3%89t%C3%A9|note|2026-07-01T10:00:00Z|'12",
        "urn:ngsi-ld:Device:Mulhouse%20%C3%89t%C3%A9|humidity|2026-07-01T10:00:00Z|55|P1",
        "urn:ngsi-ld:Device:a%22b|note|2026-01-01T11:00:00Z|'two\nlines",
    ];

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("iso-8859-1", false)]
    [InlineData("windows-1252", false)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16", true)]
    public void A_wide_table_gives_a_point_for_each_column_in_every_encoding_and_in_pieces_of_every_size(string name, bool other)
    {
        var mapping = Wide.Replace("{\"separator\"", $"{{\"encoding\":\"{name}\",\"separator\"", StringComparison.Ordinal);
        Encoding encoding = name switch
        {
            "utf-8" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: other),
            "utf-16" => new UnicodeEncoding(bigEndian: other, byteOrderMark: true),
            _ => Encoding.Latin1,
        };
        byte[] body = [.. encoding.GetPreamble(), .. encoding.GetBytes(WideBody)];
        foreach (var piece in new[] { 1, 2, 3, 7, 64, body.Length })
        {
            var reader = Reader(mapping);
            Assert.Equal(WideRows, RowReading.Read(reader, body, piece));
            Assert.Equal(2, reader.WithoutValue);
            Assert.Equal(6, reader.Line);
        }
    }

    [Fact]
    public void Windows_1252_has_the_euro_sign_where_ISO_8859_1_has_controls()
    {
        var rows = RowReading.Read(
            Reader("""{"encoding":"windows-1252","entity":"{e}","attribute":"note","value":"v","text":true,"time":"{t}"}"""),
            [.. "e,t,v\nurn:d:1,2026-01-01T00:00:00Z,"u8, 0x80, 0x93, 0xE9, (byte)'\n']);

        Assert.Equal(["urn:d:1|note|2026-01-01T00:00:00Z|'€“é"], rows);
    }

    [Fact]
    public void A_long_table_has_its_attribute_unit_and_quality_in_columns_and_may_have_no_header()
    {
        var mapping = """
            {"header":false,"separator":"\t","entity":"{1}","attribute":"{2}","value":3,"unit":"{4}","dataset":"urn:ds:{5}","quality":"{6}","qualities":{"V":"good","I":"bad"},"time":"{7}","timeFormat":"unix"}
            """;

        Assert.Equal(
            ["urn:d:1|no2|2026-01-01T00:00:00Z|20.1|GQ|urn:ds:a|bad", "urn:d:1|no2|2026-01-01T00:00:00.5Z|20.1|GQ|urn:ds:a|good", "urn:d:1|no2|2026-01-01T00:00:01Z|true|GQ|urn:ds:a|uncertain"],
            RowReading.Read(
                Reader(mapping),
                "urn:d:1\tno2\t20.1\tGQ\ta\tI\t1767225600\nurn:d:1\tno2\t20.1\tGQ\ta\tV\t1767225600.5\nurn:d:1\tno2\ttrue\tGQ\ta\t?\t1767225601\n"u8.ToArray()));
    }

    // In 2026 clocks in Paris went from 02:00 to 03:00 on 29 March, and from 03:00 to 02:00 on 25 October (IANA tz).
    [Theory]
    [InlineData("first", "2026-10-25 02:30", "2026-10-25T00:30:00Z")]
    [InlineData("second", "2026-10-25 02:30", "2026-10-25T01:30:00Z")]
    [InlineData("first", "2026-10-25 01:59", "2026-10-24T23:59:00Z")]
    [InlineData("first", "2026-10-25 03:00", "2026-10-25T02:00:00Z")]
    [InlineData("first", "2026-03-29 01:59", "2026-03-29T00:59:00Z")]
    [InlineData("first", "2026-03-29 03:00", "2026-03-29T01:00:00Z")]
    [InlineData("first", "2026-03-29 02:30", "forward")]
    [InlineData("refuse", "2026-10-25 02:30", "twice")]
    public void Local_times_are_instants_and_where_clocks_change_the_rule_is_the_one_that_is_stated(string rule, string local, string expected)
    {
        var row = Assert.Single(RowReading.Read(Reader(Local(rule)), Encoding.UTF8.GetBytes($"e,t,v\nurn:d:1,{local},1\n")));

        Assert.Contains(expected, row, StringComparison.Ordinal);
    }

    [Fact]
    public void In_order_the_second_of_two_hours_begins_where_the_times_of_an_entity_step_back()
    {
        var times = new[] { "01:30", "02:00", "02:30", "02:00", "02:30", "03:00" };
        var body = "e,t,v\n" + string.Concat(times.SelectMany(time => new[] { "urn:d:1", "urn:d:2" }.Select(entity => $"{entity},2026-10-25 {time},1\n")));

        var rows = RowReading.Read(Reader(Local("inOrder")), Encoding.UTF8.GetBytes(body));

        foreach (var entity in new[] { "urn:d:1", "urn:d:2" })
        {
            Assert.Equal(
                ["2026-10-24T23:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"],
                rows.Where(row => row.StartsWith(entity, StringComparison.Ordinal)).Select(static row => row.Split('|')[2]));
        }
    }

    [Theory]
    [InlineData("urn:d:1,2026-01-01 00:00,1.234,5", "4 fields, the header 3")]
    [InlineData("urn:d:1,2026-01-01 00:00,warm", "2: v (3): 'warm' is no number")]
    [InlineData("urn:d:1,01.01.2026,1", "2: t (2): '01.01.2026': it is no time of the form yyyy-MM-dd HH:mm")]
    [InlineData(",2026-01-01 00:00,1", "2: e (1): the column of the entity is empty")]
    [InlineData("urn:d:1,\"2026-01-01 00:00\"x,1", "field 2: its quotes are not closed")]
    public void A_row_that_cannot_be_read_is_named_by_line_and_column_and_says_what_to_do(string row, string expected) =>
        Assert.Contains(expected, Assert.Single(RowReading.Read(Reader(Local("first")), Encoding.UTF8.GetBytes($"e,t,v\n{row}\n"))), StringComparison.Ordinal);

    [Fact]
    public void A_body_in_another_encoding_than_its_mapping_says_is_refused_with_advice()
    {
        var row = Assert.Single(RowReading.Read(Reader(Local("first")), [.. "e,t,v\nurn:d:"u8, 0xE9, .. ",2026-01-01 00:00,1\n"u8]));

        Assert.Contains("windows-1252", row, StringComparison.Ordinal);
        var fault = Assert.Throws<IngestException>(() => RowReading.Read(Reader("""{"encoding":"utf-16","entity":"{e}","attribute":"a","value":"v","time":"{t}"}"""), "e,t,v\n"u8.ToArray()));
        Assert.Contains("byte order mark", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_without_a_column_of_the_mapping_is_refused()
    {
        var fault = Assert.Throws<IngestException>(() => RowReading.Read(Reader(Local("first")), "e,t,w\n"u8.ToArray()));

        Assert.Equal(("header", true), (fault.Member, fault.Message.Contains("'v'", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_body_goes_on_with_what_its_first_part_said()
    {
        byte[] body = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(WideBody)];
        var mapping = Wide.Replace("{\"separator\"", "{\"encoding\":\"utf-16\",\"separator\"", StringComparison.Ordinal);
        var first = Reader(mapping);
        // Three rows of the first record are read, and the record is consumed with the call after them.
        var (start, rows) = (0, 0);
        while (rows < 4 && first.TryRead(body.AsSpan(start), true, out var consumed, out _, out _))
        {
            rows++;
            start += consumed;
        }

        var second = Reader(mapping);
        second.Resume(first.Line, first.State);

        Assert.Equal(WideRows[3..], RowReading.Read(second, body[start..]));
    }

    [Theory]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v"}""", "/time")]
    [InlineData("""{"attribute":"a","value":"v","time":"{t}"}""", "/entity")]
    [InlineData("""{"entity":"device {e}","attribute":"a","value":"v","time":"{t}"}""", "/entity")]
    [InlineData("""{"entity":"urn:{e","attribute":"a","value":"v","time":"{t}"}""", "/entity")]
    [InlineData("""{"entity":"urn:{e}","value":"v","time":"{t}"}""", "/attribute")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","time":"{t}"}""", "/columns")]
    [InlineData("""{"entity":"urn:{e}","columns":[{"column":"x"}],"time":"{t}"}""", "/columns/0/attribute")]
    [InlineData("""{"entity":"urn:{e}","columns":[{"column":"x","attribute":"a","colour":1}],"time":"{t}"}""", "/columns/0/colour")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","timeZone":"Europe/Mulhouse"}""", "/timeZone")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","timeFormat":"dd.MM.yyyy"}""", "/timeZone")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","timeFormat":"HH:mm","timeZone":"Etc/UTC"}""", "/timeFormat")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","separator":";;"}""", "/separator")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","encoding":"latin1"}""", "/encoding")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","skipLines":-1}""", "/skipLines")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","header":false}""", "/header")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","qualities":{"a/b":"fine"}}""", "/qualities/a~1b")]
    [InlineData("""{"entity":"urn:{e}","attribute":"a","value":"v","time":"{t}","decimalcomma":true}""", "/decimalcomma")]
    [InlineData("""{"format":"xml"}""", "/format")]
    [InlineData("""{"format":"senml","name":"urn:{a}{b}","entity":"urn:{a}","attribute":"{b}"}""", "/name")]
    [InlineData("""{"format":"senml","name":"urn:{a}","entity":"urn:{a}","attribute":"{b}"}""", "/attribute")]
    [InlineData("""{"entity":"urn:{e}","entity":"urn:{f}"}""", "")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    public void What_is_no_mapping_is_refused_with_the_member_at_fault(string json, string pointer) =>
        Assert.Equal(pointer, Assert.Throws<MappingException>(() => MappingReader.Read(Encoding.UTF8.GetBytes(json))).Pointer);

    private static string Local(string rule) =>
        $$"""{"entity":"{e}","attribute":"a","value":"v","time":"{t}","timeFormat":"yyyy-MM-dd HH:mm","timeZone":"Europe/Paris","repeatedHour":"{{rule}}"}""";

    private static MappedCsvRows Reader(string mapping) => new((CsvMapping)MappingReader.Read(Encoding.UTF8.GetBytes(mapping)));
}
