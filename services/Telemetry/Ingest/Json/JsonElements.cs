namespace Twin.Telemetry.Ingest.Json;

/// <summary>
/// Cuts a body into the objects of its JSON array, or takes the one object that it is. It looks at braces and strings alone;
/// who reads an object finds out whether it is one.
/// </summary>
internal abstract class JsonElements : RowReader
{
    private Stage stage;
    private int depth;
    private bool inString;
    private bool isEscaped;

    private enum Stage : byte
    {
        /// <summary>Nothing has come yet.</summary>
        Start,

        /// <summary>Behind the bracket: an object, or the end.</summary>
        First,

        /// <summary>Behind a comma: an object.</summary>
        Next,

        /// <summary>Behind an object: a comma, or the end.</summary>
        Behind,

        /// <summary>In an object.</summary>
        In,

        /// <summary>In the object that is all.</summary>
        InOnly,

        /// <summary>Nothing may follow.</summary>
        End,
    }

    /// <inheritdoc />
    public override void Resume(long line, string state)
    {
        base.Resume(line, state);
        stage = Stage.Behind;
    }

    /// <inheritdoc />
    protected override int MostRecord => 4 * 1024 * 1024;

    /// <inheritdoc />
    protected override bool HoldsMany(ReadOnlySpan<byte> record) => true;

    /// <inheritdoc />
    public override void End()
    {
        if (stage != Stage.End)
        {
            throw new IngestException("body", $"The body ends within its JSON array, behind {Line} objects.");
        }
    }

    /// <summary>A record ends with its brace.</summary>
    protected override int EndLength => 0;

    /// <inheritdoc />
    protected override int LinesOf(ReadOnlySpan<byte> record) => record.IndexOf((byte)'{') >= 0 ? 1 : 0;

    /// <summary>An object with whatever stands before it, from its brace on.</summary>
    protected override ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> record) => record.IndexOf((byte)'{') is var start and >= 0 ? record[start..] : [];

    /// <inheritdoc />
    protected override ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> record) => record;

    /// <inheritdoc />
    protected override int FindEnd(ReadOnlySpan<byte> data, ref int scanned)
    {
        while (scanned < data.Length)
        {
            if (stage is Stage.In or Stage.InOnly)
            {
                if (!Pass(data, ref scanned))
                {
                    return -1;
                }

                stage = stage == Stage.In ? Stage.Behind : Stage.End;
                return scanned;
            }

            var one = data[scanned];
            if (one is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                scanned++;
                continue;
            }

            if (stage == Stage.Start && data[scanned..] is [0xEF, ..])
            {
                if (data.Length - scanned < 3)
                {
                    return -1;
                }

                scanned += data[scanned..] is [_, 0xBB, 0xBF, ..] ? 3 : throw Broken();
                continue;
            }

            stage = (stage, one) switch
            {
                (Stage.Start, (byte)'[') => Stage.First,
                (Stage.Start, (byte)'{') => Stage.InOnly,
                (Stage.First or Stage.Next, (byte)'{') => Stage.In,
                (Stage.Behind, (byte)',') => Stage.Next,
                (Stage.First or Stage.Behind, (byte)']') => Stage.End,
                _ => throw Broken(),
            };
            // The brace itself is counted with what it opens.
            scanned += one == (byte)'{' ? 0 : 1;
        }

        return -1;
    }

    /// <inheritdoc />
    protected override bool IsNoRow(ReadOnlySpan<byte> record)
    {
        // What is left when the body ends is whole only where an array has ended.
        if (stage != Stage.End && (record.IsEmpty || stage != Stage.Behind))
        {
            throw new IngestException("body", $"The body ends within its JSON array, behind {Line} objects.");
        }

        return record.IsEmpty;
    }

    /// <summary>Passes over an object; false when its end is not there yet.</summary>
    private bool Pass(ReadOnlySpan<byte> data, ref int scanned)
    {
        for (; scanned < data.Length; scanned++)
        {
            if (isEscaped)
            {
                isEscaped = false;
                continue;
            }

            if (inString)
            {
                var special = data[scanned..].IndexOfAny((byte)'"', (byte)'\\');
                if (special < 0)
                {
                    scanned = data.Length;
                    return false;
                }

                scanned += special;
                (inString, isEscaped) = (data[scanned] == '\\', data[scanned] == '\\');
                continue;
            }

            var found = data[scanned..].IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (found < 0)
            {
                scanned = data.Length;
                return false;
            }

            scanned += found;
            var one = data[scanned];
            inString = one == '"';
            depth += one == '{' ? 1 : one == '}' ? -1 : 0;
            if (depth == 0 && one == '}')
            {
                scanned++;
                return true;
            }
        }

        return false;
    }

    private IngestException Broken() => new("body", $"The body is no JSON array of objects: behind {Line} of them stands something else.");
}
