namespace Twin.Hosting.Authentication;

/// <summary>
/// Whether credentials hold cannot be told now, since whoever could tell does not answer: 503, so that a caller with a
/// good token keeps it and tries again.
/// </summary>
public sealed class SignInUnavailableException(string message, Exception cause) : Exception(message, cause);
