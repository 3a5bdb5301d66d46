namespace Twin.ScenarioEngine.Fmi.Native;

/// <summary>What the library has logged since the last answer. One FMU a process, so one list.</summary>
internal static class FmuLog
{
    private const int MostMessages = 100;
    private const int MostCharacters = 2000;
    private static readonly Queue<FmuMessage> Messages = new();

    public static void Add(string status, string category, string text)
    {
        // A library may log from a thread of its own.
        lock (Messages)
        {
            Messages.Enqueue(new FmuMessage(status, Short(category), Short(text)));
            if (Messages.Count > MostMessages)
            {
                Messages.Dequeue();
            }
        }
    }

    public static FmuMessage[] Take()
    {
        lock (Messages)
        {
            FmuMessage[] taken = [.. Messages];
            Messages.Clear();
            return taken;
        }
    }

    private static string Short(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters] + "…";
}
