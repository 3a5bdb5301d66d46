namespace Twin.Telemetry.Ingest;

/// <summary>How far an upload has come: everything before <paramref name="Position"/> is committed.</summary>
/// <param name="Id">The name that its sender gave it.</param>
/// <param name="Position">Bytes of the body that need not be sent again.</param>
/// <param name="Line">Lines of the body before that position.</param>
/// <param name="Header">The header row of a CSV body, which the rest of it does without; empty for NDJSON.</param>
/// <param name="Refused">Rows that are no points.</param>
/// <param name="Complete">The body has come to its end.</param>
internal sealed record UploadState(string Id, long Position, long Line, string Header, long Refused, bool Complete);
