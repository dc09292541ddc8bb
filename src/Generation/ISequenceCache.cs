namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What a model remembers of the tokens that it has read of one sequence.</summary>
/// <remarks>Not thread-safe; made and used by one <see cref="IBatchReader"/>.</remarks>
internal interface ISequenceCache : IDisposable
{
    /// <summary>How many tokens it holds.</summary>
    int Length { get; }

    /// <summary>Forgets the tokens from the given count on, so that another continuation can follow.</summary>
    void Truncate(int length);

    /// <summary>A cache of its own that begins with the first tokens of this one, for another sequence that begins alike.</summary>
    /// <param name="length">How many tokens, at most <see cref="Length"/>.</param>
    ISequenceCache Fork(int length);
}
