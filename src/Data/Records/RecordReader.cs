namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Reads a file of one kind record by record, each as the UTF-8 bytes of one JSON object.</summary>
internal abstract class RecordReader : IDisposable
{
    /// <summary>The record last read, on one line; nothing but white space is no record. Valid until the next read.</summary>
    public abstract ReadOnlySpan<byte> Record { get; }

    /// <summary>The line in which that record begins, or its row where the file has no lines; counted from 1.</summary>
    public abstract long LineNumber { get; }

    /// <summary>The number of records up to this one, where that tells its place better than the line; 0 where the line says it all.</summary>
    public virtual long Ordinal => 0;

    /// <summary>Whether <see cref="LineNumber"/> counts lines.</summary>
    public virtual bool CountsLines => true;

    /// <summary>What a record of this kind is called.</summary>
    public virtual string Noun => "line";

    /// <summary>What to look for where a record is longer than allowed.</summary>
    public virtual string LengthAdvice => "look for missing line breaks";

    /// <summary>Reads the next record.</summary>
    /// <remarks>A record that is too long is reported as soon as that is known; its rest is passed over, in constant memory, by the read after.</remarks>
    /// <exception cref="PreferenceDataException">With a reason, this record is malformed and the next can be read; without one, the file is at
    /// fault.</exception>
    public abstract LineStatus Read();

    /// <summary>Closes the file.</summary>
    public abstract void Dispose();
}
