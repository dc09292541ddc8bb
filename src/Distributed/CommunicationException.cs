namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>The ranks can no longer communicate: one of them ended, hangs or called something else, or the message library failed.</summary>
public sealed class CommunicationException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CommunicationException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
