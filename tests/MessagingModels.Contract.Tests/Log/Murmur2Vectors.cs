namespace MessagingModels.Contract.Tests.Log;

/// <summary>
/// What <c>org.apache.kafka.common.utils.Utils.murmur2</c> of Kafka 4.3.1 says of keys: two of each length up to 20, at random, the second one with
/// the highest bit set in each byte; then longer ones.
/// </summary>
internal static class Murmur2Vectors
{
    public static readonly (byte[] Key, int Hash)[] All =
    [
        (Convert.FromHexString(""), 275646681),
        (Convert.FromHexString("7a"), -581646306),
        (Convert.FromHexString("b9"), 893901851),
        (Convert.FromHexString("fba7"), 272604097),
        (Convert.FromHexString("d386"), -2084581904),
        (Convert.FromHexString("aba539"), 934380978),
        (Convert.FromHexString("ae87b4"), -48144189),
        (Convert.FromHexString("9262bf29"), -1203931284),
        (Convert.FromHexString("c69adb9d"), 837403154),
        (Convert.FromHexString("233faf27b0"), -1829075331),
        (Convert.FromHexString("d4a9a8c2f5"), -1229426016),
        (Convert.FromHexString("0b8f6871058f"), 2024731178),
        (Convert.FromHexString("f0c0c986c894"), -1597797546),
        (Convert.FromHexString("21fb2210916160"), 1244546336),
        (Convert.FromHexString("e3ccc2fdfc81d1"), -255009414),
        (Convert.FromHexString("bb60edce8bc8c119"), -1553882127),
        (Convert.FromHexString("9df0e481f2d9a1df"), 2126850406),
        (Convert.FromHexString("0c0e8c6073e83ebde3"), -1837689423),
        (Convert.FromHexString("c38bfca4a58bccb7c3"), 914474819),
        (Convert.FromHexString("77dcb94a97fb6e513efa"), 389699256),
        (Convert.FromHexString("e48fa7c7f7eff5beb7e0"), -1291735261),
        (Convert.FromHexString("b7084bcde36bd5b4026137"), 1837571567),
        (Convert.FromHexString("dfc5daa5d9c6be8ae4a0df"), 1529227046),
        (Convert.FromHexString("21e6d9ab5843ba3860d50da4"), -1872048928),
        (Convert.FromHexString("d6e9f686e3dcdbc0c6c6a2a1"), 1871401739),
        (Convert.FromHexString("bdc171b2e875d4b4498888333e"), 946885072),
        (Convert.FromHexString("9780fc90ba95c987e4d19da89b"), -1815118195),
        (Convert.FromHexString("1359e6d057faf6a33ceeef9e1289"), 1556195376),
        (Convert.FromHexString("d4c4b8bde3cbf7b4f49295ac82bd"), 901887622),
        (Convert.FromHexString("c5facc2a10f01ba22b91e9ed104983"), 2043787094),
        (Convert.FromHexString("95b9bde1d6d38cb7a489d492f3afef"), -2046505701),
        (Convert.FromHexString("830b543e630cab66289497958cbdc221"), -1201154581),
        (Convert.FromHexString("db8af5abcfa2f0bcaa81f78fb98d87be"), -1459709580),
        (Convert.FromHexString("bfea2e7213e2a647ac9cf27469c7ccb02a"), 108658728),
        (Convert.FromHexString("bbf0f0efe28beeddf3fbd0cab287c9b8db"), 1923632155),
        (Convert.FromHexString("143b0a3fa322a2548c400cb03f954f7d48ee"), -1211070688),
        (Convert.FromHexString("9699e3bcd58397b7e586a2c79fe3b9c8c7b4"), -624595578),
        (Convert.FromHexString("0f6f11402f4175457fa4b89ee932b798e9e937"), -1922348583),
        (Convert.FromHexString("d4edd8fef2f4d4ddf6abd8ecc2f7b49397fbbc"), 78354902),
        (Convert.FromHexString("4df08b1c07ca6aad6f7258a7bcc004c114530800"), -1992978617),
        (Convert.FromHexString("e6eada85bcb1f0e3b6f6fa889cfafdd0e1ecf8f7"), -1453702139),
        (Convert.FromHexString("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"), 169704741),
        (Convert.FromHexString("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"), -1833306161),
        (Convert.FromHexString("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"), -1924602716),
    ];
}
