using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Counts how many tokens a model reads that its readers do not remember.</summary>
internal sealed class CountingModel(IReadableModel model) : IReadableModel
{
    public int VocabularySize => model.VocabularySize;

    public int MaxPositions => model.MaxPositions;

    /// <summary>Tokens that were read.</summary>
    public int Tokens { get; private set; }

    public ISequenceReader NewReader() => new Reader(this, model.NewReader());

    public void Dispose() => model.Dispose();

    private sealed class Reader(CountingModel counting, ISequenceReader reader) : ISequenceReader
    {
        public ReadOnlySpan<int> Read => reader.Read;

        public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation)
        {
            counting.Tokens += sequence.Length - Math.Min(reader.Read.CommonPrefixLength(sequence), sequence.Length - 1);
            return reader.Next(sequence, cancellation);
        }

        public void Dispose() => reader.Dispose();
    }
}
