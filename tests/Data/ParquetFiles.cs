using Parquet;
using Parquet.Schema;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Parquet files in memory.</summary>
internal static class ParquetFiles
{
    /// <summary>Rows of texts, so many in a row group.</summary>
    public static byte[] Texts(int rowsPerGroup, params (string? Prompt, string? Chosen, string? Rejected)[] rows)
    {
        DataField[] fields = [new DataField<string>("prompt"), new DataField<string>("chosen"), new DataField<string>("rejected")];
        return Write(fields, rows.Chunk(rowsPerGroup).Select(group => (Func<ParquetRowGroupWriter, Task>)(async writer =>
        {
            await writer.WriteAsync(fields[0], group.Select(row => row.Prompt!).ToArray());
            await writer.WriteAsync(fields[1], group.Select(row => row.Chosen!).ToArray());
            await writer.WriteAsync(fields[2], group.Select(row => row.Rejected!).ToArray());
        })));
    }

    /// <summary>Any columns, one function for each row group.</summary>
    public static byte[] Write(Field[] fields, IEnumerable<Func<ParquetRowGroupWriter, Task>> groups, CompressionMethod compression = CompressionMethod.Snappy)
    {
        return Task.Run(async () =>
        {
            MemoryStream file = new();
            await using (ParquetWriter writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(fields), file, new ParquetOptions { CompressionMethod = compression }))
            {
                foreach (Func<ParquetRowGroupWriter, Task> group in groups)
                {
                    using ParquetRowGroupWriter rows = writer.CreateRowGroup();
                    await group(rows);
                }
            }
            return file.ToArray();
        }).GetAwaiter().GetResult();
    }
}
