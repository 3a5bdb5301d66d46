namespace Twin.Hosting.Storage;

/// <summary>A store that cannot be used as it is. The message says what is wrong and what to do.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception with a message for the operator.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message for the operator and what caused it.</summary>
    public StorageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageException()
    {
    }
}
