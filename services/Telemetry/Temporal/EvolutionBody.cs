using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Twin.Telemetry.Temporal;

/// <summary>
/// An answer that lies in pieces that are lent, not in one that grows. What is short is written whole before its first byte
/// leaves, so that it has a length and a refusal an untouched response; of what is long, parts leave while others are made.
/// </summary>
internal sealed class EvolutionBody(HttpContext http)
{
    private const int Long = 256 * 1024;
    private static readonly PipeOptions Pieces = new(pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false);
    private readonly Pipe pipe = new(Pieces);

    /// <summary>Where the answer is written.</summary>
    public IBufferWriter<byte> Writer => pipe.Writer;

    /// <summary>Sends what was written so far if it is long; for those who have nothing to refuse any more.</summary>
    public ValueTask SendIfLongAsync() => pipe.Writer.UnflushedBytes < Long ? ValueTask.CompletedTask : SendAsync();

    /// <summary>Sends the rest, and gives the pieces back.</summary>
    public async Task EndAsync()
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentLength = pipe.Writer.UnflushedBytes;
        }

        await SendAsync();
        await pipe.Writer.CompleteAsync();
        await pipe.Reader.CompleteAsync();
    }

    private async ValueTask SendAsync()
    {
        await pipe.Writer.FlushAsync(http.RequestAborted);
        if (!pipe.Reader.TryRead(out var written))
        {
            return;
        }

        foreach (var piece in written.Buffer)
        {
            await http.Response.BodyWriter.WriteAsync(piece, http.RequestAborted);
        }

        pipe.Reader.AdvanceTo(written.Buffer.End);
    }
}
