namespace MiniMind.MLNet.Dpo.Tool;

/// <summary>What a command ends with.</summary>
internal static class ExitCodes
{
    /// <summary>All went well.</summary>
    public const int Done = 0;

    /// <summary>It failed on the way.</summary>
    public const int Failed = 1;

    /// <summary>What it was given cannot be used: an option, a file, a model.</summary>
    public const int BadInput = 2;

    /// <summary>It was stopped by Ctrl-C or SIGTERM; a run that keeps checkpoints goes on from one with the same command.</summary>
    public const int Stopped = 130;
}
