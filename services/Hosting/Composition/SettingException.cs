namespace Twin.Hosting.Composition;

/// <summary>
/// Settings or arguments with which a process does not start. The message is all that its user is shown; the process
/// ends with <see cref="ExitCode"/>.
/// </summary>
public sealed class SettingException(string message) : Exception(message)
{
    /// <summary>The exit code of a process that was told something wrong.</summary>
    public const int ExitCode = 2;

    /// <summary>A fault of the setting, e.g. <c>Twin:Port</c>, and what to set.</summary>
    public static SettingException Of(string key, string whatToSet) => new(Text(key, whatToSet));

    /// <summary>A message that names the setting as files and as the environment spell it. For validators of options.</summary>
    public static string Text(string key, string whatToSet) =>
        $"{key} ({key.Replace(":", "__", StringComparison.Ordinal)} in the environment): {whatToSet}";
}
